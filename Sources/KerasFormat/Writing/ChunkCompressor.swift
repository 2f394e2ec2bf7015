import CDeflate
import ModelGraph
import Workers

/// Shuffles and compresses chunks of weights on all cores, with bounded memory.
struct ChunkCompressor {
    let level: Int

    /// The filter mask of a chunk that is shuffled, and not compressed because that gained nothing.
    static let withoutDeflate: UInt32 = 1 << 1

    /// Chunks that are in memory at once.
    private static var window: Int { 4 * min(Workers.count, Workers.mostStates) }

    private struct Job: Sendable {
        var weight: Int
        var chunk: Int
    }

    /// What a worker keeps between chunks.
    private struct Workspace {
        var block: [UInt8] = []
        var shuffled: [UInt8] = []
    }

    /// Compresses all chunks of all weights and hands them out in order.
    ///
    /// - Parameter body: takes the weight's and the chunk's index, the bytes as they are to stand in the
    ///   file, and whether they are compressed (else only shuffled).
    func run(
        _ weights: [(Weight, ChunkGrid)],
        _ body: (Int, Int, UnsafeRawBufferPointer, _ isCompressed: Bool) throws -> Void
    ) throws {
        let jobs = weights.enumerated().flatMap { index, entry in
            (0..<entry.1.count).map { Job(weight: index, chunk: $0) }
        }
        let outputs = (0..<Self.window).map { _ in ChunkBuffer() }
        for start in stride(from: 0, to: jobs.count, by: Self.window) {
            let batch = jobs[start..<min(start + Self.window, jobs.count)]
            try concurrentForEach(batch.count, state: { Workspace() }) { index, workspace in
                let job = batch[batch.startIndex + index]
                let (weight, grid) = weights[job.weight]
                try compress(weight, grid, job.chunk, into: outputs[index], &workspace)
            }
            for (job, output) in zip(batch, outputs) {
                try body(job.weight, job.chunk, output.bytes, output.isCompressed)
            }
        }
    }

    private func compress(
        _ weight: Weight, _ grid: ChunkGrid, _ chunk: Int, into output: ChunkBuffer,
        _ workspace: inout Workspace
    ) throws {
        let size = weight.elementType.byteCount
        let byteCount = grid.elementCount * size
        if workspace.shuffled.count != byteCount {
            workspace.shuffled = [UInt8](repeating: 0, count: byteCount)
        }
        weight.withBlock(grid.elements(of: chunk), scratch: &workspace.block) { bytes in
            workspace.shuffled.withUnsafeMutableBytes { shuffled in
                // At the weight's edge the chunk is filled up with zeros.
                if bytes.count < byteCount {
                    shuffled.initializeMemory(as: UInt8.self, repeating: 0)
                }
                ByteShuffle.shuffle(
                    bytes, elementSize: size, elementCount: grid.elementCount, into: shuffled)
            }
        }
        try workspace.shuffled.withUnsafeBytes { try output.fill(compressing: $0, level: level) }
    }
}

/// One chunk as it is to stand in the file.
// Safe to share between threads: while chunks are made each buffer belongs to the one worker that has its
// index, afterwards to the thread that waited for all workers.
final class ChunkBuffer: @unchecked Sendable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)
    private var count = 0
    private(set) var isCompressed = false
    private var compressor: OpaquePointer?
    private var compressorLevel = 0

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(storage)[..<count])
    }

    /// Takes `source` in zlib's format, or as it is if that is no shorter.
    func fill(compressing source: UnsafeRawBufferPointer, level: Int) throws {
        if storage.count < source.count {
            storage.deallocate()
            storage = .allocate(byteCount: source.count, alignment: 16)
        }
        if compressor == nil || compressorLevel != level {
            libdeflate_free_compressor(compressor)
            compressor = libdeflate_alloc_compressor(Int32(min(max(level, 0), 12)))
            compressorLevel = level
        }
        guard let compressor else {
            throw KerasError(.io(errno: 12), file: "", "there is no memory to compress with")
        }
        count = libdeflate_zlib_compress(
            compressor, source.baseAddress, source.count, storage.baseAddress, source.count - 1)
        isCompressed = count > 0
        if !isCompressed {
            storage.copyMemory(from: source)
            count = source.count
        }
    }

    deinit {
        libdeflate_free_compressor(compressor)
        storage.deallocate()
    }
}
