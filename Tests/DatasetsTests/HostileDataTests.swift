import Archive
import Foundation
import Testing

@testable import Datasets

/// Files cut off at every byte, and files with random bytes changed: refused or read, never a crash.
@Suite struct HostileDataTests {
    static let fixtures = [
        "npy/be-f4-F.npy", "npy/le-u1-C.npy", "npy/version-2.npy", "stored.npz", "packed.npz",
        "splits.npz", "idx/train-images-idx3-ubyte", "idx/t10k-images-idx3-ubyte.gz",
        "idx/floats.idx", "pictures/rgb.png", "pictures/palette.png", "pictures/half.jpeg",
        "pictures/progressive.jpg",
    ]

    /// Opens a file as data, and reads all that is there.
    private func exercise(_ file: URL) throws -> Bool {
        do throws(DatasetError) {
            let data = try Dataset.open(path: file.path)
            _ = try data.samples(0..<data.count, shape: data.sampleShape)
            return true
        } catch {
            #expect(!error.description.isEmpty && !error.description.contains("\n"))
            return false
        }
    }

    private func withFile(_ name: String, _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appending(path: name.split(separator: "/").last.map(String.init) ?? name))
    }

    @Test(arguments: fixtures) func cutOffAnywhere(name: String) throws {
        let bytes = try Fixture.bytes(name)
        try withFile(name) { file in
            try Data(bytes).write(to: file)
            #expect(try exercise(file))
            var accepted = 0
            for length in (0..<bytes.count).reversed() {
                #expect(truncate(file.path, length) == 0)
                if try exercise(file) { accepted += 1 }
            }
            // A decoder may forgive the end marker of an image; arrays are whole or refused.
            #expect(accepted <= (name.hasPrefix("pictures") ? 16 : 0), "\(accepted)")
        }
    }

    @Test(arguments: fixtures) func randomBytes(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(state: seed)
        try withFile(name) { file in
            for round in 0..<400 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    changed[place] = UInt8.random(in: 0...255, using: &random)
                }
                // Headers stand in front, directories at the end: more changes there.
                if round % 2 == 0 {
                    let place = Int.random(in: 0..<min(80, bytes.count), using: &random)
                    changed[place] = UInt8.random(in: 0...255, using: &random)
                }
                try Data(changed).write(to: file)
                _ = try exercise(file)
            }
        }
        print("\(name): seed \(seed)")
    }

    @Test func shapesThatClaimTooMuch() throws {
        func npy(_ shape: String) -> [UInt8] {
            var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
            header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
            return NumpyHeader.signature + [1, 0, 118, 0] + Array(header.utf8)
        }
        try withFile("x.npy") { file in
            for (shape, words) in [
                ("(4611686018427387904, 4)", "has more numbers than can be"),
                ("(99999999999999999999,)", "the header is not what numpy writes"),
                ("(1000000, 1000)", "needs 4000000000 bytes, and there are 0"),
                ("(1000000000000, 0)", "there are no samples"), ("()", "a single number"),
                ("(-1, 2)", "the header is not what numpy writes"),
            ] {
                try Data(npy(shape)).write(to: file)
                let error = try #require(throws: DatasetError.self) {
                    _ = try Dataset.open(path: file.path)
                }
                #expect(error.description.contains(words), "\(error)")
            }
        }
    }

    @Test func aBombOfZeros() throws {
        // 100 MB of zeros pack to 100 KB: more than an array explains.
        try withFile("x.npz") { file in
            let script = """
                import sys, numpy
                numpy.savez_compressed(sys.argv[1], x=numpy.zeros((1000, 100_000), numpy.uint8))
                """
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["python3", "-c", script, file.path]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            // Without numpy there is nothing to test.
            guard process.terminationStatus == 0 else { return }
            let error = try #require(throws: DatasetError.self) {
                _ = try Dataset.open(path: file.path)
            }
            #expect(error.code == .tooLarge)
        }
    }
}

/// Numbers that depend on the seed alone.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
