import HDF5
import ModelGraph

/// Takes the weights of a file that is being laid out: sets places aside for them, or compresses them.
struct WeightSink {
    let compression: KerasCompression
    /// Whether only sizes are wanted: then datasets hold next to nothing.
    let measures: Bool
    /// Weights whose places wait for their bytes.
    private var waiting: [(dataset: HDF5Dataset, weight: Weight)] = []
    /// Weights to compress.
    private var compressing: [(dataset: HDF5Dataset, weight: Weight, chunks: ChunkGrid)] = []
    /// Bytes that weights would have taken, had not only sizes been wanted.
    private var missingByteCount = 0

    /// Smaller weights are never compressed: a chunk's index takes more than it gains.
    static let smallestCompressed = 2048
    /// HDF5 starts values of at least this many bytes at the file's alignment.
    private static let alignedFrom = 4096

    init(compression: KerasCompression, measures: Bool = false) {
        self.compression = compression
        self.measures = measures
    }

    /// Makes the dataset of a weight.
    mutating func add(
        _ weight: Weight, at path: String, type: HDF5ElementType?, in group: HDF5Group
    ) throws -> HDF5Dataset {
        var type = type ?? weight.elementType.stored
        if ElementType(stored: type) != weight.elementType { type = weight.elementType.stored }
        if case .deflate(let level) = compression, weight.byteCount >= Self.smallestCompressed,
            let (weight, grid) = Self.grid(of: weight)
        {
            let dataset = try group.createDataset(
                path, type, shape: weight.shape, layout: .chunked(shape: grid.shape),
                filters: [.shuffle, .deflate(level: min(max(level, 0), 9))])
            compressing.append((dataset, weight, grid))
            return dataset
        }
        if measures, weight.byteCount >= Self.alignedFrom {
            // A dataset of the same rank has a header of the same size.
            missingByteCount += Self.aligned(weight.byteCount) - weight.elementType.byteCount
            return try group.createDataset(path, type, shape: weight.shape.map { _ in 1 })
        }
        let dataset = try group.createDataset(path, type, shape: weight.shape)
        if weight.byteCount > 0, !measures { waiting.append((dataset, weight)) }
        return dataset
    }

    /// How a weight is cut; with its mask applied first where that cuts across its blocks.
    private static func grid(of weight: Weight) -> (Weight, ChunkGrid)? {
        if let grid = ChunkGrid(of: weight) { return (weight, grid) }
        let plain = weight.materialized()
        return ChunkGrid(of: plain).map { (plain, $0) }
    }

    private static func aligned(_ count: Int) -> Int {
        let alignment = KerasFileWriter.creationOptions.alignment
        return count < alignedFrom ? count : (count + alignment - 1) / alignment * alignment
    }

    /// Compresses what is to be compressed, and tells where the bytes of all other weights belong.
    ///
    /// - Returns: places for ``WeightStream``, once the HDF5 file is closed.
    func finish() throws -> [WeightStream.Place] {
        try compress { dataset, start, bytes, isCompressed in
            try dataset.writeChunk(
                at: start, bytes,
                filterMask: isCompressed ? 0 : ChunkCompressor.withoutDeflate)
        }
        return try waiting.map { dataset, weight in
            guard let offset = try dataset.fileOffset else {
                throw KerasError(
                    .cannotStore, file: "", path: dataset.path, "the dataset has no place")
            }
            return WeightStream.Place(weight: weight, offset: offset)
        }
    }

    /// Compresses what is to be compressed, and leaves one byte of each chunk.
    ///
    /// - Returns: bytes that the HDF5 file lacks.
    func measure() throws -> Int {
        var missing = missingByteCount
        try compress { dataset, start, bytes, _ in
            missing += Self.aligned(bytes.count) - 1
            try dataset.writeChunk(at: start, UnsafeRawBufferPointer(rebasing: bytes.prefix(1)))
        }
        return missing
    }

    private func compress(
        _ body: (HDF5Dataset, [Int], UnsafeRawBufferPointer, _ isCompressed: Bool) throws -> Void
    ) throws {
        guard case .deflate(let level) = compression else { return }
        try ChunkCompressor(level: level).run(compressing.map { ($0.weight, $0.chunks) }) {
            index, chunk, bytes, isCompressed in
            let entry = compressing[index]
            try body(entry.dataset, entry.chunks.start(of: chunk), bytes, isCompressed)
        }
    }
}
