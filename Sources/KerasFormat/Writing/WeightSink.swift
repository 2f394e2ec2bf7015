import HDF5
import ModelGraph

/// Takes the weights of a file that is being laid out: sets places aside for them, or compresses them.
struct WeightSink {
    let compression: KerasCompression
    /// Weights whose places wait for their bytes.
    private(set) var waiting: [(dataset: HDF5Dataset, weight: Weight)] = []
    /// Weights to compress.
    private(set) var compressing: [(dataset: HDF5Dataset, weight: Weight, chunks: ChunkGrid)] = []

    /// Smaller weights are never compressed: a chunk's index takes more than it gains.
    static let smallestCompressed = 2048

    init(compression: KerasCompression) { self.compression = compression }

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
                filters: [.shuffle, .deflate(level: min(level, 9))])
            compressing.append((dataset, weight, grid))
            return dataset
        }
        let dataset = try group.createDataset(path, type, shape: weight.shape)
        if weight.byteCount > 0 { waiting.append((dataset, weight)) }
        return dataset
    }

    /// How a weight is cut; with its mask applied first where that cuts across its blocks.
    private static func grid(of weight: Weight) -> (Weight, ChunkGrid)? {
        if let grid = ChunkGrid(of: weight) { return (weight, grid) }
        let plain = weight.materialized()
        return ChunkGrid(of: plain).map { (plain, $0) }
    }

    /// Compresses what is to be compressed, and tells where the bytes of all other weights belong.
    ///
    /// - Returns: places for ``WeightStream``, once the HDF5 file is closed.
    func finish() throws -> [WeightStream.Place] {
        if case .deflate(let level) = compression {
            try ChunkCompressor(level: level).run(compressing.map { ($0.weight, $0.chunks) }) {
                index, chunk, bytes, isCompressed in
                try compressing[index].dataset.writeChunk(
                    at: compressing[index].chunks.start(of: chunk), bytes,
                    filterMask: isCompressed ? 0 : ChunkCompressor.withoutDeflate)
            }
        }
        return try waiting.map { dataset, weight in
            guard let offset = try dataset.fileOffset else {
                throw KerasError(
                    .cannotStore, file: "", path: dataset.path, "the dataset has no place")
            }
            return WeightStream.Place(weight: weight, offset: offset)
        }
    }
}
