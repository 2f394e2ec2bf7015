/// An array that lies in memory or in a mapped file, row-major or column-major.
// Safe to share between threads: the bytes are never written, and `owner` keeps them.
struct MemoryArray: SampleArray, @unchecked Sendable {
    let shape: [Int]
    let format: ElementFormat
    /// Whether the first axis runs fastest, as in Fortran.
    let isColumnMajor: Bool
    private let bytes: UnsafeRawBufferPointer
    private let owner: any AnyObject & Sendable

    /// Takes an array whose bytes somebody keeps.
    ///
    /// - Parameter bytes: exactly the shape's numbers.
    /// - Throws: ``DatasetError`` with `damaged` for another count, `unsupported` for a scalar.
    init(
        shape: [Int], format: ElementFormat, isColumnMajor: Bool, bytes: UnsafeRawBufferPointer,
        owner: any AnyObject & Sendable, file: String, place: String
    ) throws(DatasetError) {
        guard !shape.isEmpty else {
            throw DatasetError(
                .unsupported, file: file, place: place, "the array is a single number")
        }
        guard let size = (shape + [format.size]).checkedProduct else {
            throw DatasetError(
                .damaged, file: file, place: place,
                "the shape \(shapeText(shape)) has more numbers than can be")
        }
        guard size == bytes.count else {
            throw DatasetError(
                .damaged, file: file, place: place,
                "the shape \(shapeText(shape)) needs \(size) bytes, and there are \(bytes.count)")
        }
        self.shape = shape
        self.format = format
        self.isColumnMajor = isColumnMajor && shape.count > 1
        self.bytes = bytes
        self.owner = owner
    }

    func values(_ range: Range<Int>) throws(DatasetError) -> [Float] {
        let size = sampleSize
        return [Float](unsafeUninitializedCapacity: range.count * size) { buffer, initialized in
            let target = buffer.extracting(..<(range.count * size))
            withExtendedLifetime(owner) {
                if isColumnMajor {
                    gather(range, into: target)
                } else {
                    let start = range.lowerBound * size * format.size
                    format.decode(UnsafeRawBufferPointer(rebasing: bytes[start...]), into: target)
                }
            }
            initialized = range.count * size
        }
    }

    /// Reads a column-major array: along the last axis, numbers stand one block of all others apart.
    private func gather(_ range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) {
        let axes = sampleShape
        guard let last = axes.last, last > 0 else { return }
        var strides: [Int] = []
        var stride = count
        for axis in axes {
            strides.append(stride)
            stride *= axis
        }
        let rows = sampleSize / last
        var position = 0
        for sample in range {
            for row in 0..<rows {
                var (rest, offset) = (row, sample)
                for axis in (0..<axes.count - 1).reversed() {
                    offset += rest % axes[axis] * strides[axis]
                    rest /= axes[axis]
                }
                format.decode(
                    UnsafeRawBufferPointer(rebasing: bytes[(offset * format.size)...]),
                    stride: (strides.last ?? 1) * format.size,
                    into: target.extracting(position..<position + last))
                position += last
            }
        }
    }

    func doubles() throws(DatasetError) -> [Double] {
        let size = sampleSize
        var numbers: [Double] = []
        numbers.reserveCapacity(count * size)
        withExtendedLifetime(owner) {
            // Labels have at most two axes, so a column-major place is easily told.
            for sample in 0..<count {
                for index in 0..<size {
                    let place = isColumnMajor ? index * count + sample : sample * size + index
                    numbers.append(format.double(at: place * format.size, in: bytes))
                }
            }
        }
        return numbers
    }
}
