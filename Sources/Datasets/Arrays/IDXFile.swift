import Archive
import Foundation

/// Arrays in IDX files, in which MNIST and its kin come, plain or packed by gzip.
///
/// Source: Yann LeCun's page about MNIST: two zero bytes, the type, the number of axes, the axes, the numbers,
/// all big-endian.
enum IDXFile {
    /// Whether a file starts as an IDX file does.
    static func isIDX(_ start: some Collection<UInt8>) -> Bool {
        let start = Array(start.prefix(4))
        return start.count == 4 && start[0] == 0 && start[1] == 0 && kinds[start[2]] != nil
            && (1...8).contains(start[3])
    }

    static func isGzip(_ start: some Collection<UInt8>) -> Bool {
        start.prefix(3).elementsEqual([0x1F, 0x8B, 0x08])
    }

    private static let kinds: [UInt8: ElementFormat.Kind] = [
        0x08: .u1, 0x09: .i1, 0x0B: .i2, 0x0C: .i4, 0x0D: .f4, 0x0E: .f8,
    ]

    /// The array of a mapped file.
    ///
    /// - Throws: ``DatasetError`` with `damaged`, `unsupported`, `tooLarge`.
    static func array(_ mapping: MappedFile, file: String) throws(DatasetError) -> MemoryArray {
        defer { withExtendedLifetime(mapping) {} }
        guard isGzip(mapping.bytes.prefix(3)) else {
            return try array(mapping.bytes, owner: mapping, file: file)
        }
        let unpacked: UnpackedBytes
        do throws(ArchiveError) {
            unpacked = try UnpackedBytes(gzip: mapping.bytes, file: file)
        } catch { throw DatasetError(error) }
        return try array(unpacked.bytes, owner: unpacked, file: file)
    }

    /// The array of a file's plain bytes.
    static func array(
        _ bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, file: String
    ) throws(DatasetError) -> MemoryArray {
        guard isIDX(bytes.prefix(4)), let kind = kinds[bytes[2]] else {
            throw DatasetError(.damaged, file: file, "this is no IDX file, or it is cut off")
        }
        let rank = Int(bytes[3])
        let start = 4 + 4 * rank
        guard bytes.count >= start else {
            throw DatasetError(.damaged, file: file, "the header is cut off")
        }
        let shape = (0..<rank).map { axis in
            bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
        }
        return try MemoryArray(
            shape: shape, format: ElementFormat(kind: kind, isBigEndian: kind.size > 1),
            isColumnMajor: false, bytes: UnsafeRawBufferPointer(rebasing: bytes[start...]),
            owner: owner, file: file, place: "")
    }

    /// The file with the labels of a file with images, by its name: `…-images-idx3-ubyte.gz` has
    /// `…-labels-idx1-ubyte.gz`, and either may be packed or not.
    static func labelsPath(for path: String) -> String? {
        let url = URL(filePath: path)
        let name = url.lastPathComponent
        guard let range = name.range(of: "images", options: .backwards) else { return nil }
        var other = name.replacingCharacters(in: range, with: "labels")
        if let rank = other.range(of: "idx3", options: .backwards) {
            other.replaceSubrange(rank, with: "idx1")
        }
        let plain = other.hasSuffix(".gz") ? String(other.dropLast(3)) : other
        let folder = url.deletingLastPathComponent()
        return [other, plain, plain + ".gz"].map { folder.appending(path: $0).path }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The file with a split's images in a folder; nil if the folder has none.
    static func imagesPath(inFolder folder: String, split: DatasetSplit) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let prefixes = split == .test ? ["t10k", "test"] : [split.rawValue]
        return names.sorted().first { name in
            prefixes.contains { name.hasPrefix($0) } && name.contains("images") && isName(name)
        }.map { URL(filePath: folder).appending(path: $0).path }
    }

    /// Whether a file is named as IDX files are.
    static func isName(_ name: String) -> Bool {
        let name = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return name.contains("idx") && (name.hasSuffix("ubyte") || name.hasSuffix("idx"))
            || name.hasSuffix(".idx")
    }
}
