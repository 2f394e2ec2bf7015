import Dispatch
import Foundation
import Glibc
import Logging
import RuntimeAdapter
import Serving
import ServiceLifecycle
import ServingTesting
import Testing

@testable import VariantService

/// A connection whose client reads when it likes.
private final class SlowConnection: Sendable {
    private let descriptor: Int32
    /// Waits for the server, which needs the threads that tests run on.
    private let queue = DispatchQueue(label: "slow connection")

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) { _ = write(descriptor, text, text.utf8.count) }

    /// Reads at most so many bytes; none at the end.
    func read(_ count: Int) async -> [UInt8] {
        await withCheckedContinuation { done in
            queue.async { [self] in
                var bytes = [UInt8](repeating: 0, count: count)
                let got = Glibc.read(descriptor, &bytes, count)
                done.resume(returning: Array(bytes.prefix(max(got, 0))))
            }
        }
    }
}

@Suite struct ShutdownTests {
    /// More than the kernel keeps between the two ends of a connection.
    private static let content = Sample.content(0, bytes: 48 << 20)

    /// A connection to a server that runs, whose client asked for the file and read its beginning.
    private static func download(
        _ arguments: [String] = [],
        _ body: @Sendable @escaping (SlowConnection, [UInt8], ServiceGroup) async throws -> Void
    ) async throws {
        var candidate = try Sample.candidate(0, accuracy: 0.9)
        candidate.fileDigest = Sample.digest(content)
        let service = try await ServiceUnderTest(arguments)
        service.source.replace(
            VariantCatalogue([candidate]), adding: [candidate.fileDigest: content])
        try await service.adapter.refresh()
        let (group, port) = try await service.start()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let connection = try SlowConnection(port: try await port())
            connection.send("GET /variants/\(candidate.fileDigest) HTTP/1.1\r\nHost: x\r\n\r\n")
            try await body(connection, await connection.read(1 << 16), group)
            // At this end the connection stays open until then.
            try await tasks.waitForAll()
            withExtendedLifetime(connection) {}
        }
    }

    @Test func aDownloadEndsWholeAndTheServerThereafter() async throws {
        try await Self.download { connection, start, group in
            var answer = start
            await group.triggerGracefulShutdown()
            while true {
                let piece = await connection.read(1 << 20)
                if piece.isEmpty { break }
                answer += piece
            }
            let head = try #require(answer.firstRange(of: Array("\r\n\r\n".utf8)))
            #expect(answer.count - head.upperBound == Self.content.count)
            // Not ==, whose failure would be explained by a comparison of all bytes with all.
            let isWhole = answer[head.upperBound...].elementsEqual(Self.content)
            #expect(isWhole)
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoTakesNothingDoesNotKeepTheServer() async throws {
        try await Self.download(["--request-seconds", "1"]) { _, start, group in
            #expect(start.starts(with: Array("HTTP/1.1 200".utf8)))
            await group.triggerGracefulShutdown()
        }
    }
}
