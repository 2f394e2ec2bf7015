import HDF5

/// A list of names as an attribute, split as Keras splits what an object header cannot hold.
enum NameList {
    /// Keras's own limit, below HDF5's 64 KiB.
    static let limit = 64512

    /// Writes the names.
    ///
    /// - Parameter fixed: whether as fields of fixed length, as Keras 2 wrote them; nil: as Keras 3 does.
    static func write(
        _ names: [String], as name: String, to group: HDF5Group, fixed: Bool?
    ) throws {
        let width = max(1, names.map(\.utf8.count).max() ?? 1)
        let perPart = max(1, limit / width)
        guard names.count > perPart else {
            if names.isEmpty {
                try group.attributes.setEmpty(name)
            } else if fixed ?? false {
                try group.attributes.setFixed(name, to: names)
            } else {
                try group.attributes.set(name, to: names)
            }
            return
        }
        var parts = (names.count - 1) / perPart + 1
        while (names.count - 1) / parts + 1 > perPart { parts += 1 }
        // As numpy's array_split: the first parts are one longer.
        let (length, longer) = names.count.quotientAndRemainder(dividingBy: parts)
        var start = 0
        for part in 0..<parts {
            let end = start + length + (part < longer ? 1 : 0)
            try group.attributes.setFixed("\(name)\(part)", to: Array(names[start..<end]))
            start = end
        }
    }
}
