import CDeflate
import Glibc

/// Writes a zip archive of stored entries, as Keras does.
///
/// Nothing in it depends on time or place: two archives of the same entries are equal. Source: PKWARE
/// APPNOTE 6.3.10.
struct ArchiveWriter {
    private struct Entry {
        var name: String
        var offset: Int
        var size: Int
        var crc32: UInt32
        /// Whether its header has room for sizes over 4 GiB.
        var isLarge: Bool
    }

    let file: PendingFile
    private let descriptor: Int32
    private var entries: [Entry] = []
    /// Where the next entry starts.
    private(set) var position = 0

    init(_ file: PendingFile) throws(KerasError) {
        self.file = file
        descriptor = open(file.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            let number = errno
            throw KerasError(
                .cannotCreate, file: file.destination,
                "cannot create the file: \(String(cString: strerror(number)))")
        }
    }

    /// Writes a whole entry.
    mutating func add(_ name: String, _ content: UnsafeRawBufferPointer) throws(KerasError) {
        let start = begin(name, size: content.count)
        try write(content, at: start)
        try end(UInt32(libdeflate_crc32(0, content.baseAddress, content.count)))
    }

    /// Starts an entry of a known size, whose content somebody else writes.
    ///
    /// - Returns: where in the file the content is to stand; a multiple of 64.
    mutating func begin(_ name: String, size: Int) -> Int {
        let isLarge = size >= 0xFFFF_FFFF
        entries.append(
            Entry(name: name, offset: position, size: size, crc32: 0, isLarge: isLarge))
        position = Self.contentStart(of: name, size: size, at: position)
        return position
    }

    /// Where the content of an entry starts whose header stands at `position`.
    static func contentStart(of name: String, size: Int, at position: Int) -> Int {
        let start = position + 30 + name.utf8.count + (size >= 0xFFFF_FFFF ? 20 : 0)
        return start + padding(start)
    }

    /// Extra bytes in front of a content, so that weights in it can be used where they lie.
    private static func padding(_ position: Int) -> Int {
        let rest = position % 64
        if rest == 0 { return 0 }
        // The field that holds the padding takes 4 bytes itself.
        return 64 - rest >= 4 ? 64 - rest : 128 - rest
    }

    /// Ends the entry that was begun, whose content is written.
    mutating func end(_ crc32: UInt32) throws(KerasError) {
        guard var entry = entries.popLast() else { return }
        entry.crc32 = crc32
        entries.append(entry)
        var header = ZipRecord()
        header.add(0x0403_4B50, 4)
        header.addCommon(of: entry.crc32, entry.size, isLarge: entry.isLarge)
        header.add(entry.name.utf8.count, 2)
        let length = 30 + entry.name.utf8.count + (entry.isLarge ? 20 : 0)
        let padding = Self.padding(entry.offset + length)
        header.add((entry.isLarge ? 20 : 0) + padding, 2)
        header.bytes += entry.name.utf8
        if entry.isLarge { header.addLargeSizes([entry.size, entry.size]) }
        if padding > 0 {
            // The field that others use for alignment, too.
            header.add(0xD935, 2)
            header.add(padding - 4, 2)
            header.bytes += [UInt8](repeating: 0, count: padding - 4)
        }
        try write(header, at: entry.offset)
        position += entry.size
    }

    /// Writes the directory and closes the file.
    mutating func finish() throws(KerasError) {
        var directory = ZipRecord()
        for entry in entries { directory.addDirectoryEntry(of: entry) }
        let size = directory.bytes.count
        let isLarge = position >= 0xFFFF_FFFF || entries.count >= 0xFFFF
        if isLarge {
            let record = position + size
            directory.add(0x0606_4B50, 4)
            directory.add(44, 8)
            directory.add(45, 2)
            directory.add(45, 2)
            directory.add(0, 8)
            directory.add(entries.count, 8)
            directory.add(entries.count, 8)
            directory.add(size, 8)
            directory.add(position, 8)
            directory.add(0x0706_4B50, 4)
            directory.add(0, 4)
            directory.add(record, 8)
            directory.add(1, 4)
        }
        directory.add(0x0605_4B50, 4)
        directory.add(0, 4)
        directory.add(min(entries.count, 0xFFFF), 2)
        directory.add(min(entries.count, 0xFFFF), 2)
        directory.add(min(size, 0xFFFF_FFFF), 4)
        directory.add(min(position, 0xFFFF_FFFF), 4)
        directory.add(0, 2)
        try write(directory, at: position)
    }

    /// Closes the file; nothing can be added then.
    func close() { Glibc.close(descriptor) }

    /// Writes bytes of an entry that was begun.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(KerasError) {
        try WeightStream.write(bytes, to: descriptor, at: offset, of: file)
    }

    private func write(_ record: ZipRecord, at offset: Int) throws(KerasError) {
        var failure: KerasError?
        record.bytes.withUnsafeBytes { bytes in
            do throws(KerasError) {
                try WeightStream.write(bytes, to: descriptor, at: offset, of: file)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Bytes of a record, little-endian.
    private struct ZipRecord {
        var bytes: [UInt8] = []

        mutating func add(_ value: Int, _ size: Int) {
            for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }

        /// What the header in front of an entry and the directory have in common.
        mutating func addCommon(of crc32: UInt32, _ size: Int, isLarge: Bool, isFar: Bool = false) {
            add(isLarge || isFar ? 45 : 20, 2)
            // Names are UTF-8.
            add(0x0800, 2)
            add(0, 2)
            // 1 January 1980, the earliest that can be told.
            add(0, 2)
            add(0x21, 2)
            add(Int(crc32), 4)
            add(isLarge ? 0xFFFF_FFFF : size, 4)
            add(isLarge ? 0xFFFF_FFFF : size, 4)
        }

        mutating func addLargeSizes(_ values: [Int]) {
            add(1, 2)
            add(8 * values.count, 2)
            for value in values { add(value, 8) }
        }

        mutating func addDirectoryEntry(of entry: Entry) {
            let isFar = entry.offset >= 0xFFFF_FFFF
            let large =
                (entry.isLarge ? [entry.size, entry.size] : []) + (isFar ? [entry.offset] : [])
            add(0x0201_4B50, 4)
            // Made on Unix; the permissions below are Unix's.
            add(0x0314, 2)
            addCommon(of: entry.crc32, entry.size, isLarge: entry.isLarge, isFar: isFar)
            add(entry.name.utf8.count, 2)
            add(large.isEmpty ? 0 : 4 + 8 * large.count, 2)
            add(0, 2)
            add(0, 2)
            add(0, 2)
            add(0o100644 << 16, 4)
            add(isFar ? 0xFFFF_FFFF : entry.offset, 4)
            bytes += entry.name.utf8
            if !large.isEmpty { addLargeSizes(large) }
        }
    }
}
