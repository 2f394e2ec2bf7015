import Foundation
import Testing

@testable import Archive

/// Files that gzip packed; archives are tested where they are written, in KerasFormat's tests.
@Suite struct UnpackedBytesTests {
    /// `printf 'espalier espalier espalier' | gzip -n9`.
    static let packed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0x2D, 0x2E, 0x48, 0xCC,
        0xC9, 0x4C, 0x2D, 0x52, 0x40, 0xA7, 0x00,
    ]

    private func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
        try bytes.withUnsafeBytes { packed in
            let unpacked = try UnpackedBytes(gzip: packed, file: "f")
            return withExtendedLifetime(unpacked) { Array(unpacked.bytes) }
        }
    }

    @Test func whatGzipPacked() throws {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "gzip-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "seq 1 5000 | gzip -n9 > '\(file.path)'"]
        try process.run()
        process.waitUntilExit()
        let expected = (1...5000).map { "\($0)\n" }.joined()
        let mapping = try MappedFile(mapping: file.path)
        let whole = withExtendedLifetime(mapping) { Array(mapping.bytes) }
        #expect(try String(decoding: unpack(whole), as: UTF8.self) == expected)
        #expect(throws: ArchiveError.self) { try unpack(Array(whole.dropLast(9))) }
        #expect(throws: ArchiveError.self) { try unpack(whole + whole) }
        var bomb = whole
        bomb[bomb.count - 1] = 0x7F
        let error = try #require(throws: ArchiveError.self) { try unpack(bomb) }
        #expect(error.code == .tooLarge)
    }

    @Test func everyCutIsRefused() throws {
        for length in 0..<Self.packed.count {
            #expect(throws: ArchiveError.self) { try unpack(Array(Self.packed.prefix(length))) }
        }
    }

    @Test func filesThatAreNone() throws {
        let missing = try #require(throws: ArchiveError.self) { try MappedFile(mapping: "nowhere") }
        #expect(missing.code == .notFound)
        let folder = try #require(throws: ArchiveError.self) { try MappedFile(mapping: "/tmp") }
        #expect(folder.code == .directory)
        let device = try #require(throws: ArchiveError.self) {
            try MappedFile(mapping: "/dev/null")
        }
        #expect(device.code == .notRegular)
    }
}
