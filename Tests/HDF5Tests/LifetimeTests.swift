import Dispatch
import Foundation
import HDF5
import Synchronization
import Testing

@Suite struct LifetimeTests {
    @Test func useAfterCloseIsAnError() throws {
        let file = try Fixture.open("types.h5")
        let group = try file.root.group("little")
        let dataset = try group.dataset("f4")
        try dataset.close()
        try dataset.close()
        expectError(.closed) { _ = try dataset.bytes() }
        #expect(try group.links().count == 11)
        try file.close()
        try file.close()
        expectError(.closed) { _ = try group.links() }
        expectError(.closed) { _ = try file.root.group("little") }
        expectError(.closed) { _ = try group.attributes.names() }
        expectError(.closed) { _ = try dataset.storageSize }
        expectError(.closed) { try file.flush() }
        expectError(.closed) { _ = try file.image() }
    }

    @Test func objectsKeepTheirFileOpen() throws {
        func dataset() throws -> HDF5Dataset {
            try Fixture.open("types.h5").root.dataset("scalar")
        }
        #expect(try dataset().array(of: Float.self) == [7])
    }

    @Test func aFileThatIsOpenIsNotOverwritten() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("file.h5")
        let file = try HDF5File(creating: path)
        #expect(throws: HDF5Error.self) { _ = try HDF5File(creating: path, replacing: true) }
        try file.close()
        try HDF5File(creating: path, replacing: true).close()
    }

    @Test func filesThatNobodyMayWriteCanBeRead() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("file.h5")
        try Data(try Fixture.bytes("types.h5")).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        let file = try HDF5File(reading: path)
        #expect(try file.root.dataset("scalar").array(of: Float.self) == [7])
        expectError(.notFound) { _ = try file.root.dataset("x") }
        #expect(throws: HDF5Error.self) { _ = try file.root.createGroup("x") }
        #expect(throws: HDF5Error.self) { try file.root.attributes.set("x", to: "y") }
    }

    /// Everything that opens ids, also where it fails, in a process of its own: the count is the process's.
    @Test func noIdsLeak() async {
        await #expect(processExitsWith: .success) {
            try exerciseEverything()
            guard HDF5File.openObjectCount == 0, HDF5File.openIdentifierCount == 0 else {
                print(HDF5File.openObjectCount, HDF5File.openIdentifierCount)
                exit(1)
            }
        }
    }

    @Test func manyThreadsReadOneFile() throws {
        let file = try Fixture.open("storage.h5")
        let expected = (0..<60).map { Float($0) }
        let names = ["contiguous", "chunked", "gzip", "shuffle-gzip", "fletcher"]
        let failures = onThreads(8) { worker in
            for round in 0..<50 {
                let name = names[(worker + round) % names.count]
                guard try file.root.dataset(name).array(of: Float.self) == expected else {
                    return "\(name) differs"
                }
                // The error of one thread must not become another's.
                do {
                    _ = try file.root.dataset("missing-\(worker)")
                    return "something is there"
                } catch let error as HDF5Error {
                    guard error.code == .notFound, error.path == "/missing-\(worker)" else {
                        return "\(error)"
                    }
                }
                let other = try Fixture.open("types.h5")
                guard try other.root.dataset("scalar").array(of: Float.self) == [7] else {
                    return "scalar differs"
                }
            }
            return nil
        }
        #expect(failures == [])
        try file.close()
    }

    @Test func closingWhileOthersReadIsAnErrorToThem() throws {
        let file = try Fixture.open("storage.h5")
        let failures = onThreads(8) { worker in
            do {
                var reads = 0
                while reads < 1_000_000 {
                    _ = try file.root.dataset("gzip").bytes()
                    reads += 1
                    if worker == 0 && reads == 20 { try file.close() }
                }
                return "the file was never closed"
            } catch let error as HDF5Error {
                return error.code == .closed ? nil : "\(error)"
            }
        }
        #expect(failures == [])
    }
}

/// Runs `body` on real threads (a test's own tasks share as many as there are cores) and returns what
/// they complain about.
private func onThreads(
    _ count: Int, _ body: @escaping @Sendable (_ worker: Int) throws -> String?
) -> [String] {
    let failures = Mutex<[String]>([])
    let group = DispatchGroup()
    for worker in 0..<count {
        group.enter()
        Thread {
            defer { group.leave() }
            do {
                guard let failure = try body(worker) else { return }
                failures.withLock { $0.append(failure) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }.start()
    }
    group.wait()
    return failures.withLock { $0 }
}
