import Foundation
import Glibc
import ModelGraph
import Testing

@testable import KerasFormat

@Suite struct WritingTests {
    @Test(arguments: KerasFileKind.allCases)
    func theSizeIsKnownBefore(kind: KerasFileKind) throws {
        let directory = try TemporaryDirectory()
        let model = try KerasModel.read(path: Reference.path("deep-keras3.h5"))
        for compression in [KerasCompression.none, .deflate(level: 6)] {
            let path = directory.path("file")
            try model.write(to: path, as: kind, compression: compression, overwrite: true)
            let size = try Data(contentsOf: URL(filePath: path)).count
            let predicted = try model.byteCount(as: kind, compression: compression)
            #expect(abs(predicted - size) <= 8192)
        }
    }

    /// Every mask, block and chunk edge, against the same weight written plainly.
    @Test func compressedWeightsComeBack() throws {
        let shapes = [[3, 3, 40, 50], [5000], [1, 1, 300, 700], [2, 3, 100_003], [70_000, 9]]
        for shape in shapes {
            let count = shape.reduce(1, *)
            let weight = Weight(
                role: "w", shape: shape, values: (0..<count).map { Float($0 % 1009) })
            let grid = try #require(ChunkGrid(of: weight, target: 1 << 16))
            var elements: [Int] = []
            for chunk in 0..<grid.count { elements += Array(grid.elements(of: chunk)) }
            #expect(elements == Array(0..<count))
            #expect(grid.shape.reduce(1, *) == grid.elementCount)
        }
    }

    @Test func shufflingIsUndone() {
        for size in [1, 2, 4, 8] {
            for count in [0, 1, 15, 16, 33, 100] {
                let bytes = (0..<size * count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
                var shuffled = [UInt8](repeating: 0, count: bytes.count)
                var back = shuffled
                bytes.withUnsafeBytes { source in
                    shuffled.withUnsafeMutableBytes {
                        ByteShuffle.shuffle(
                            source, elementSize: size, elementCount: count, into: $0)
                    }
                }
                for (index, byte) in shuffled.enumerated() {
                    #expect(byte == bytes[index % max(count, 1) * size + index / max(count, 1)])
                }
                shuffled.withUnsafeBytes { source in
                    back.withUnsafeMutableBytes {
                        ByteShuffle.unshuffle(source, elementSize: size, into: $0)
                    }
                }
                #expect(back == bytes)
            }
        }
    }

    /// A disk that is full after ever more bytes: an error each time, and nothing is left.
    @Test func aFullDiskLeavesNothing() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            exit(Int32(try WritingTests.writeToFullDisks()))
        }
    }

    /// Writes below ever higher limits; 0 if each failure left nothing.
    static func writeToFullDisks() throws -> Int {
        let directory = try TemporaryDirectory()
        let path = directory.path("copy")
        let model = try KerasModel.read(path: Reference.path("deep-keras3.h5"))
        var failures = 0
        for kind in KerasFileKind.allCases {
            for limit in [1, 600, 2000, 1 << 30] {
                var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t.max)
                setrlimit(__rlimit_resource_t(1), &limits)
                do {
                    try model.write(to: path, as: kind, overwrite: true)
                    try FileManager.default.removeItem(atPath: path)
                } catch let error as KerasError {
                    failures += 1
                    guard error.file == path else { return 3 }
                }
                guard try directory.names.isEmpty else { return 2 }
            }
        }
        return failures >= 8 ? 0 : 4
    }

    @Test func anInterruptedFileIsRemoved() throws {
        let directory = try TemporaryDirectory()
        let model = try KerasModel.read(path: Reference.path("deep-keras3.h5"))
        do {
            let file = try model.stage(for: directory.path("copy"))
            #expect(try directory.names.count == 1)
            #expect(file.path.hasPrefix(directory.url.path))
        }
        #expect(try directory.names.isEmpty)
    }
}
