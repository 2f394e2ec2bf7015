import CHDF5

/// How the values of a dataset are stored.
package enum HDF5Layout: Sendable, Hashable {
    /// In the object header.
    case compact
    /// In one piece.
    case contiguous
    /// In pieces of this shape, each of which passes the filters on its own.
    case chunked(shape: [Int])
}

/// A step between memory and file that every chunk passes.
package enum HDF5Filter: Sendable, Hashable {
    /// Groups first bytes, second bytes, … of all elements.
    case shuffle
    /// zlib, level 0 to 9.
    case deflate(level: Int)
    /// A checksum.
    case fletcher32
    /// Any other registered filter.
    case other(id: Int, name: String)

    /// The number under which the filter is registered.
    var id: H5Z_filter_t {
        switch self {
        case .shuffle: H5Z_FILTER_SHUFFLE
        case .deflate: H5Z_FILTER_DEFLATE
        case .fletcher32: H5Z_FILTER_FLETCHER32
        case .other(let id, _): H5Z_filter_t(clamping: id)
        }
    }

    /// The filters of a dataset, in the order in which writing applies them.
    static func pipeline(_ creation: hid_t, _ scope: CallScope) throws -> [HDF5Filter] {
        let doing = "cannot read the dataset's filters"
        let count = try scope.check(H5Pget_nfilters(creation), doing: doing)
        return try (0..<UInt32(count)).map { index in
            var (flags, config) = (UInt32(0), UInt32(0))
            var values = [UInt32](repeating: 0, count: 8)
            var valueCount = values.count
            var name = [CChar](repeating: 0, count: 64)
            let id = H5Pget_filter2(
                creation, index, &flags, &valueCount, &values, name.count, &name, &config)
            try scope.check(id, doing: doing)
            switch id {
            case H5Z_FILTER_SHUFFLE: return .shuffle
            case H5Z_FILTER_DEFLATE: return .deflate(level: Int(values[0]))
            case H5Z_FILTER_FLETCHER32: return .fletcher32
            default:
                let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                return .other(id: Int(id), name: String(decoding: text, as: UTF8.self))
            }
        }
    }

    func add(to creation: hid_t, _ scope: CallScope) throws {
        let status: herr_t
        switch self {
        case .shuffle: status = H5Pset_shuffle(creation)
        case .fletcher32: status = H5Pset_fletcher32(creation)
        case .deflate(let level):
            guard (0...9).contains(level) else {
                throw scope.error(.unsupportedFilter, "there is no deflate level \(level)")
            }
            status = H5Pset_deflate(creation, UInt32(level))
        case .other:
            throw scope.error(.unsupportedFilter, "\(self) is not known")
        }
        try scope.check(status, doing: "cannot set the filter", fallback: .library)
    }
}

extension HDF5Filter: CustomStringConvertible {
    package var description: String {
        switch self {
        case .shuffle: "the shuffle filter"
        case .deflate(let level): "the deflate filter (level \(level))"
        case .fletcher32: "the fletcher32 filter"
        case .other(let id, let name): "the filter \(id) \(quoted(name))"
        }
    }
}
