import CHDF5
import Glibc

/// Text between Swift and the two ways in which HDF5 stores it.
enum StringCoding {
    /// Reads the bytes of `count` texts; `read` fills the memory for a given memory type.
    static func texts(
        _ element: HDF5ElementType, count: Int, type: hid_t, space: hid_t, in file: FileHandle,
        _ scope: CallScope, read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [[UInt8]] {
        switch element {
        case .fixedString(let size, let padding, _):
            var bytes = [UInt8](repeating: 0, count: count * size)
            let status = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { read(type, $0) } ?? 0
            }
            try scope.check(status, doing: "cannot read the text")
            return (0..<count).map { index in
                Array(trim(bytes[index * size..<(index + 1) * size], padding))
            }
        case .variableString:
            return try readVariable(
                count: count, type: type, space: space, in: file, scope, read: read)
        default:
            throw scope.error(.unsupportedType, "this is not text")
        }
    }

    /// Reads the bytes of `count` texts of any length, each up to its first zero byte.
    private static func readVariable(
        count: Int, type: hid_t, space: hid_t, in file: FileHandle, _ scope: CallScope,
        read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [[UInt8]] {
        guard count > 0 else { return [] }
        if let store = file.foreignStore {
            return try TextReferences.read(
                count: count, from: store, try file.raw(scope), scope, read: read
            ).map { Array($0.prefix { $0 != 0 }) }
        }
        // A file that we wrote ourselves, of which libhdf5 may still hold parts.
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        return try pointers.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return [] }
            // libhdf5 allocates each text; it also takes them back, whatever it managed to read.
            defer { H5Dvlen_reclaim(type, space, hid_t(H5P_DEFAULT), base) }
            try scope.check(read(type, base), doing: "cannot read the text")
            return buffer.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { text in
                text.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
            }
        }
    }

    private static func trim(
        _ field: ArraySlice<UInt8>, _ padding: HDF5StringPadding
    ) -> ArraySlice<UInt8> {
        switch padding {
        case .nullTerminated:
            return field.prefix { $0 != 0 }
        case .nullPadded:
            return field[..<(field.lastIndex { $0 != 0 }.map { $0 + 1 } ?? field.startIndex)]
        case .spacePadded:
            return field[..<(field.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? field.startIndex)]
        }
    }

    /// The bytes of fixed fields of `size` bytes, filled up with zero bytes.
    static func fields(_ strings: [String], size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(strings.count * size)
        for string in strings {
            let text = string.utf8.prefix(size)
            bytes.append(contentsOf: text)
            bytes.append(contentsOf: repeatElement(0, count: size - text.count))
        }
        return bytes
    }

    /// Calls `body` with the addresses of zero-terminated copies of `texts`.
    static func withCStrings<Result>(
        _ texts: [[UInt8]], _ body: (UnsafeRawPointer?) throws -> Result
    ) rethrows -> Result {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        for text in texts {
            offsets.append(bytes.count)
            bytes.append(contentsOf: text)
            bytes.append(0)
        }
        return try bytes.withUnsafeBytes { buffer in
            // One more at the end, so that even an empty list has an address.
            let pointers = offsets.map { buffer.baseAddress?.advanced(by: $0) } + [nil]
            return try pointers.withUnsafeBytes { try body($0.baseAddress) }
        }
    }
}
