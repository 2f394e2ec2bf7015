import HDF5

/// A dataset of an HDF5 file, of which only the samples that are asked for are read.
struct HDF5Array: SampleArray {
    let shape: [Int]
    let format: ElementFormat
    private let dataset: HDF5Dataset
    private let file: String

    /// - Throws: ``DatasetError`` with `unsupported` for elements that are no numbers and for a scalar,
    ///   `tooLarge` for a shape that the file's size does not explain.
    init(_ dataset: HDF5Dataset, file: String) throws(DatasetError) {
        guard let kind = Self.kind(dataset.elementType) else {
            throw DatasetError(
                .unsupported, file: file, place: dataset.path,
                "the elements are no integers and no floats of 16, 32 or 64 bits")
        }
        guard !dataset.isNull, !dataset.shape.isEmpty else {
            throw DatasetError(
                .unsupported, file: file, place: dataset.path, "the dataset is a single value")
        }
        try DatasetError.wrapping(file) { try dataset.requireSize() }
        shape = dataset.shape
        format = ElementFormat(kind: kind)
        self.dataset = dataset
        self.file = file
    }

    private static func kind(_ type: HDF5ElementType) -> ElementFormat.Kind? {
        switch type {
        case .int8: .i1
        case .int16: .i2
        case .int32: .i4
        case .int64: .i8
        case .uint8: .u1
        case .uint16: .u2
        case .uint32: .u4
        case .uint64: .u8
        case .float16: .f2
        case .float32: .f4
        case .float64: .f8
        case .bool: .bool
        case .bfloat16, .opaque, .fixedString, .variableString, .other: nil
        }
    }

    func values(_ range: Range<Int>) throws(DatasetError) -> [Float] {
        let bytes = try bytes(range)
        return [Float](unsafeUninitializedCapacity: range.count * sampleSize) {
            buffer, initialized in
            let target = buffer.extracting(..<(range.count * sampleSize))
            bytes.withUnsafeBytes { format.decode($0, into: target) }
            initialized = range.count * sampleSize
        }
    }

    func doubles() throws(DatasetError) -> [Double] {
        let bytes = try bytes(0..<count)
        return bytes.withUnsafeBytes { bytes in
            (0..<count * sampleSize).map { format.double(at: $0 * format.size, in: bytes) }
        }
    }

    /// Some samples as they stand in memory.
    private func bytes(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
        let slab = HDF5Slab(
            start: [range.lowerBound] + sampleShape.map { _ in 0 },
            count: [range.count] + sampleShape)
        let size = range.count * sampleSize * format.size
        return try DatasetError.wrapping(file) {
            try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                try dataset.read(
                    slab, into: UnsafeMutableRawBufferPointer(buffer.extracting(..<size)))
                initialized = size
            }
        }
    }
}

/// The datasets of an HDF5 file by their paths.
struct HDF5Arrays: NamedArrays {
    let file: String
    private let hdf5: HDF5File

    init(_ path: String) throws(DatasetError) {
        file = path
        hdf5 = try DatasetError.wrapping(path) { try HDF5File(reading: path) }
    }

    var names: [String] {
        get throws(DatasetError) {
            try DatasetError.wrapping(file) {
                try hdf5.root.links().compactMap { link in
                    if case .hard(.dataset, _) = link.kind { link.name } else { nil }
                }
            }
        }
    }

    func array(_ name: String) throws(DatasetError) -> (any SampleArray)? {
        let dataset = try DatasetError.wrapping(file) {
            try hdf5.root.exists(name) ? try hdf5.root.dataset(name) : nil
        }
        guard let dataset else { return nil }
        return try HDF5Array(dataset, file: file)
    }
}
