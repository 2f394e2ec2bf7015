import CDeflate

/// Reads the directory of a zip archive that lies in memory, and its entries.
///
/// Stored entries are handed out where they lie. Only what the archives of Keras and numpy need is read: one volume,
/// entries stored or deflated. Source: PKWARE APPNOTE 6.3.10.
package struct ArchiveReader {
    /// An entry as the archive's directory tells it.
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var isDeflated: Bool
        package var crc32: UInt32
        /// Where its bytes stand in the archive.
        package var stored: Range<Int>
        /// Bytes that it has once it is unpacked.
        package var size: Int
    }

    package let file: String
    package let bytes: UnsafeRawBufferPointer
    package private(set) var entries: [Entry] = []

    /// More entries than this are no model.
    static let largestEntryCount = 10_000
    /// Entries above this size may unpack to at most ``largestExpansion`` times what they take.
    static let expansionFloor = 64 << 20
    static let largestExpansion = 100

    /// Reads the directory.
    ///
    /// - Throws: ``ArchiveError`` with `damaged`, `refused` for names that lead out of the archive,
    ///   `tooLarge`, `unsupported` for encrypted entries.
    package init(_ bytes: UnsafeRawBufferPointer, file: String) throws(ArchiveError) {
        self.bytes = bytes
        self.file = file
        let directory = try directory()
        guard directory.count <= Self.largestEntryCount else {
            throw failure(.tooLarge, "the archive has \(directory.count) entries")
        }
        var position = directory.range.lowerBound
        var names: Set<String> = []
        for _ in 0..<directory.count {
            let entry = try entry(at: &position, end: directory.range.upperBound)
            // Directories have no content.
            if entry.name.hasSuffix("/") { continue }
            guard names.insert(entry.name).inserted else {
                throw failure(.damaged, "the archive has two entries of this name", at: entry.name)
            }
            entries.append(entry)
        }
        let sorted = entries.sorted { $0.stored.lowerBound < $1.stored.lowerBound }
        for (entry, next) in zip(sorted, sorted.dropFirst())
        where entry.stored.upperBound > next.stored.lowerBound {
            throw failure(.damaged, "two entries of the archive overlap", at: next.name)
        }
    }

    /// The entry of that name.
    package func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    private func failure(
        _ code: ArchiveError.Code, _ reason: String, at path: String = ""
    ) -> ArchiveError {
        ArchiveError(code, file: file, path: path, reason)
    }

    // MARK: Numbers

    private func number(_ position: Int, _ size: Int) throws(ArchiveError) -> Int {
        guard position >= 0, position <= bytes.count - size else {
            throw failure(.damaged, "the archive's directory ends too early")
        }
        var value: UInt64 = 0
        for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
        guard let number = Int(exactly: value) else {
            throw failure(.damaged, "the archive's directory has an impossible number")
        }
        return number
    }

    // MARK: Directory

    private func directory() throws(ArchiveError) -> (range: Range<Int>, count: Int) {
        guard let end = try endRecord() else {
            throw failure(.damaged, "the archive has no directory: it is cut off or no zip archive")
        }
        var count = try number(end + 10, 2)
        var size = try number(end + 12, 4)
        var start = try number(end + 16, 4)
        var disks = try number(end + 4, 2) | number(end + 6, 2)
        var limit = end
        if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF,
            end >= 20, try number(end - 20, 4) == 0x0706_4B50
        {
            let record = try number(end - 12, 8)
            guard try number(record, 4) == 0x0606_4B50 else {
                throw failure(.damaged, "the archive's directory is not where it should be")
            }
            disks = try number(record + 16, 4) | number(record + 20, 4)
            count = try number(record + 32, 8)
            size = try number(record + 40, 8)
            start = try number(record + 48, 8)
            limit = record
        }
        guard disks == 0 else {
            throw failure(.unsupported, "the archive is a part of several")
        }
        let (stop, overflow) = start.addingReportingOverflow(size)
        guard !overflow, stop <= limit else {
            throw failure(.damaged, "the archive's directory is not where it should be")
        }
        return (start..<stop, count)
    }

    /// The position of the last record, found from the end: a comment may follow it.
    private func endRecord() throws(ArchiveError) -> Int? {
        let length = 22
        guard bytes.count >= length else { return nil }
        for position in stride(
            from: bytes.count - length, through: max(0, bytes.count - length - 0xFFFF), by: -1)
        where bytes[position] == 0x50 {
            guard try number(position, 4) == 0x0605_4B50 else { continue }
            if try position + length + number(position + 20, 2) == bytes.count { return position }
        }
        return nil
    }

    private func entry(at position: inout Int, end: Int) throws(ArchiveError) -> Entry {
        guard position + 46 <= end, try number(position, 4) == 0x0201_4B50 else {
            throw failure(.damaged, "the archive's directory has fewer entries than it says")
        }
        let flags = try number(position + 8, 2)
        let method = try number(position + 10, 2)
        let crc32 = UInt32(truncatingIfNeeded: try number(position + 16, 4))
        var packed = try number(position + 20, 4)
        var size = try number(position + 24, 4)
        var offset = try number(position + 42, 4)
        let nameLength = try number(position + 28, 2)
        let extraLength = try number(position + 30, 2)
        let commentLength = try number(position + 32, 2)
        let nameStart = position + 46
        let extraStart = nameStart + nameLength
        position = extraStart + extraLength + commentLength
        guard position <= end else {
            throw failure(.damaged, "the archive's directory ends too early")
        }
        let name = try name(nameStart..<extraStart)
        try readLargeNumbers(
            extraStart..<extraStart + extraLength, size: &size, packed: &packed, offset: &offset)
        guard flags & 0x2041 == 0 else {
            throw failure(.unsupported, "this is encrypted", at: name)
        }
        guard method == 0 || method == 8 else {
            throw failure(.unsupported, "this is packed in an unknown way (\(method))", at: name)
        }
        guard method != 0 || packed == size else {
            throw failure(.damaged, "this has another size than it should", at: name)
        }
        try checkExpansion(name: name, size: size, packed: packed)
        let stored = try content(header: offset, name: nameStart..<extraStart, size: packed)
        return Entry(
            name: name, isDeflated: method == 8, crc32: crc32, stored: stored, size: size)
    }

    private func checkExpansion(name: String, size: Int, packed: Int) throws(ArchiveError) {
        let (most, overflow) = packed.multipliedReportingOverflow(by: Self.largestExpansion)
        guard size <= Self.expansionFloor || overflow || size <= most else {
            throw failure(
                .tooLarge, "this claims \(size) bytes and stores \(packed)", at: name)
        }
    }

    /// An entry's name, if it stays within the archive.
    private func name(_ range: Range<Int>) throws(ArchiveError) -> String {
        guard let name = String(validating: bytes[range], as: UTF8.self) else {
            throw failure(.damaged, "the archive has a name that is not UTF-8")
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isOutside =
            name.isEmpty || name.hasPrefix("/") || name.contains("\\") || name.contains(":")
            || name.utf8.contains(0) || parts.contains("..")
        guard !isOutside else {
            let shown = name.unicodeScalars.filter { $0.value >= 0x20 }.prefix(80)
            throw failure(
                .refused,
                "the archive has an entry whose name leads elsewhere: "
                    + "'\(String(String.UnicodeScalarView(shown)))'")
        }
        return name
    }

    /// Sizes over 4 GiB stand in an extra field, in this order, those that do not fit their own.
    private func readLargeNumbers(
        _ range: Range<Int>, size: inout Int, packed: inout Int, offset: inout Int
    ) throws(ArchiveError) {
        var position = range.lowerBound
        while position + 4 <= range.upperBound {
            let id = try number(position, 2)
            let end = position + 4 + (try number(position + 2, 2))
            position += 4
            guard end <= range.upperBound else { return }
            if id == 1 {
                func next(_ value: inout Int) throws(ArchiveError) {
                    guard value == 0xFFFF_FFFF, position + 8 <= end else { return }
                    value = try number(position, 8)
                    position += 8
                }
                try next(&size)
                try next(&packed)
                try next(&offset)
            }
            position = end
        }
    }

    /// Where an entry's bytes stand, behind a header of its own that must agree with the directory.
    private func content(
        header: Int, name: Range<Int>, size: Int
    ) throws(ArchiveError) -> Range<Int> {
        let shown = String(decoding: bytes[name], as: UTF8.self)
        guard header <= bytes.count - 30, try number(header, 4) == 0x0403_4B50 else {
            throw failure(.damaged, "this is not where the archive's directory says", at: shown)
        }
        let nameLength = try number(header + 26, 2)
        let start = header + 30 + nameLength + (try number(header + 28, 2))
        let (end, overflow) = start.addingReportingOverflow(size)
        guard !overflow, end <= bytes.count, nameLength == name.count,
            bytes[header + 30..<header + 30 + nameLength].elementsEqual(bytes[name])
        else {
            throw failure(.damaged, "this is not where the archive's directory says", at: shown)
        }
        return start..<end
    }

    // MARK: Content

    /// An entry's bytes: where they lie if they are stored, else unpacked; their checksum is verified.
    ///
    /// - Returns: the bytes, and what keeps them if they do not lie in the archive.
    package func content(
        of entry: Entry
    ) throws(ArchiveError) -> (bytes: UnsafeRawBufferPointer, owner: UnpackedBytes?) {
        let stored = UnsafeRawBufferPointer(rebasing: bytes[entry.stored])
        var content = stored
        var owner: UnpackedBytes?
        if entry.isDeflated {
            let unpacked = try UnpackedBytes(
                deflated: stored, size: entry.size,
                failure: failure(.damaged, "this cannot be unpacked", at: entry.name))
            content = unpacked.bytes
            owner = unpacked
        }
        guard UInt32(libdeflate_crc32(0, content.baseAddress, content.count)) == entry.crc32 else {
            throw failure(.damaged, "the checksum does not fit the content", at: entry.name)
        }
        return (content, owner)
    }
}
