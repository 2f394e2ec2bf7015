import ModelGraph

/// How a weight is cut into chunks: along one axis, so that each chunk's elements stand together in memory.
struct ChunkGrid: Hashable, Sendable {
    /// The shape of a chunk.
    let shape: [Int]
    /// The axis that is cut, and how many indices of it a chunk has.
    private let axis: Int
    private let length: Int
    /// Elements in a chunk.
    let elementCount: Int
    /// How many chunks there are.
    let count: Int
    private let weightShape: [Int]
    /// Pieces along the cut axis.
    private let pieces: Int

    /// Bytes that a chunk is to have about: HDF5 readers keep 1 MiB of chunks, and zlib looks back 32 KiB.
    static let targetByteCount = 1 << 20

    /// The grid of a weight; nil if it has no elements or no axes, or if its mask's blocks cannot be
    /// chunks.
    init?(of weight: Weight, target: Int = targetByteCount) {
        let shape = weight.shape
        guard !shape.isEmpty, weight.elementCount > 0 else { return nil }
        let limit = max(target / weight.elementType.byteCount, 1)
        // The first axis below which everything fits into a chunk.
        var axis = 0
        var inner = weight.elementCount
        while true {
            inner /= shape[axis]
            if inner <= limit || axis == shape.count - 1 { break }
            axis += 1
        }
        let alignment = max(weight.mask?.blockAlignment ?? 1, 1)
        var length = min(max(limit / inner, 1), shape[axis])
        if length < shape[axis] {
            // Pieces of equal length, as far as that goes: the last one is filled up.
            let pieces = (shape[axis] - 1) / length + 1
            length = (shape[axis] - 1) / pieces + 1
            // Whole blocks of the mask; a chunk grows until they fit.
            while length < shape[axis], (length * inner) % alignment != 0 { length += 1 }
        }
        if (length * inner) % alignment != 0, axis > 0 || length < shape[axis] {
            length = shape[axis]
            guard (length * inner) % alignment == 0 || length * inner == weight.elementCount else {
                return nil
            }
        }
        self.axis = axis
        self.length = length
        weightShape = shape
        elementCount = length * inner
        pieces = (shape[axis] - 1) / length + 1
        count = shape[..<axis].reduce(1, *) * pieces
        self.shape = Array(repeating: 1, count: axis) + [length] + shape[(axis + 1)...]
    }

    /// The weight's elements that stand in a chunk.
    func elements(of chunk: Int) -> Range<Int> {
        let inner = elementCount / length
        let row = inner * weightShape[axis]
        let start = chunk / pieces * row + chunk % pieces * elementCount
        return start..<min(start + elementCount, (chunk / pieces + 1) * row)
    }

    /// The index of the chunk's first element along every axis.
    func start(of chunk: Int) -> [Int] {
        var start = weightShape.map { _ in 0 }
        start[axis] = chunk % pieces * length
        var rest = chunk / pieces
        for index in stride(from: axis - 1, through: 0, by: -1) {
            start[index] = rest % weightShape[index]
            rest /= weightShape[index]
        }
        return start
    }
}
