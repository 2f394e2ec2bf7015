import HDF5
import ModelGraph

/// A weight as a file holds it.
struct StoredWeight: Sendable {
    /// The name that the file gives it: an entry of `weight_names`, or its path.
    var name: String
    /// The dataset's path inside the HDF5 file, without a leading `/`.
    var path: String
    var dataset: HDF5Dataset

    /// What it is, as the name tells: `kernel` of `conv1/kernel:0`.
    var baseName: String { String(components.last ?? "") }

    /// The parts of the name, without Keras 2's output number.
    var components: [Substring] {
        var name = name[...]
        if let colon = name.lastIndex(of: ":"),
            name[name.index(after: colon)...].allSatisfy(\.isNumber)
        {
            name = name[..<colon]
        }
        return name.split(separator: "/")
    }
}

extension StoredWeight {
    /// The weight, mapped where that can be, else read.
    ///
    /// - Throws: ``KerasError``, HDF5Error.
    func load(role: String, from source: KerasSource) throws -> Weight {
        guard let elementType = ElementType(stored: dataset.elementType) else {
            throw KerasError(
                .unsupported, file: source.file, path: path,
                "weights of type \(dataset.elementType) are not supported")
        }
        try dataset.requireSize()
        return Weight(
            role: role, storedName: name, shape: dataset.shape, elementType: elementType,
            storage: try storage(from: source))
    }

    private func storage(from source: KerasSource) throws -> WeightStorage {
        let count = dataset.byteCount
        if dataset.hasNativeByteOrder, let offset = try dataset.fileOffset {
            let (end, overflow) = offset.addingReportingOverflow(count)
            guard !overflow, offset >= 0, end <= source.bytes.count else {
                throw KerasError(
                    .damaged, file: source.file, path: path, "the values end behind the file's end")
            }
            let owner = source.owner
            return WeightStorage(
                adopting: UnsafeRawBufferPointer(rebasing: source.bytes[offset..<end])
            ) { withExtendedLifetime(owner) {} }
        }
        return try WeightStorage(byteCount: count) { try dataset.read(into: $0) }
    }
}

extension ElementType {
    /// The type of a weight's elements in a file; nil for one that no weight has.
    init?(stored type: HDF5ElementType) {
        switch type {
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .uint8: self = .uint8
        case .uint16: self = .uint16
        case .uint32: self = .uint32
        case .uint64: self = .uint64
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .float32: self = .float32
        case .float64: self = .float64
        case .bool: self = .bool
        // What h5py makes of bfloat16: two bytes without a meaning.
        case .opaque(size: 2, _): self = .bfloat16
        case .opaque, .fixedString, .variableString, .other: return nil
        }
    }

    /// How Keras stores such elements.
    var stored: HDF5ElementType {
        switch self {
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float16: .float16
        case .bfloat16: .numpyBFloat16
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        }
    }
}
