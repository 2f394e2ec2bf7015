/// What of a file a `Range` header asks for (RFC 9110, section 14.2).
enum ByteRange: Sendable, Hashable {
    /// All of it: no range, one that is none, or several. Several may be answered by all.
    case whole
    /// These bytes.
    case part(Range<Int>)
    /// Bytes that the file does not have.
    case unsatisfiable

    /// Reads a header's value.
    ///
    /// - Parameter byteCount: how many bytes the file has.
    init(_ header: String?, byteCount: Int) {
        self = .whole
        guard let header, let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes"
        else { return }
        let set = header[header.index(after: equals)...].split(
            separator: ",", omittingEmptySubsequences: false)
        guard set.count == 1 else { return }
        let spec = set[0].utf8.drop { $0 == UInt8(ascii: " ") || $0 == 9 }
        let trimmed = Substring(spec).trimmingSuffix { $0 == " " || $0 == "\t" }
        let ends = trimmed.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (nil, nil): return
        case (nil, let suffix?):
            guard ends[0].isEmpty else { return }
            self =
                suffix > 0 && byteCount > 0
                ? .part(byteCount - min(suffix, byteCount)..<byteCount) : .unsatisfiable
        case (let first?, nil):
            guard ends[1].isEmpty else { return }
            self = first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (let first?, let last?):
            guard first <= last else { return }
            self = first < byteCount ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
        }
    }

    /// Digits alone; more than fit are as good as the largest number.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isTrimmed(last) { rest = rest.dropLast() }
        return rest
    }
}
