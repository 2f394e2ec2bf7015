/// What `If-None-Match`, `If-Match` and `If-Range` compare with: a digest in quotes (RFC 9110, section 8.8.3).
struct EntityTag: Sendable, Hashable {
    /// As it stands in `ETag`.
    let text: String

    /// The tag of content with a digest; a strong one, as the digest is that of every byte.
    init(digest: String) { text = "\"\(digest)\"" }

    /// Whether a list of tags has this one, or is `*`.
    ///
    /// - Parameter strongly: whether `W/` in front of a tag makes it another one.
    func isIn(_ list: String, strongly: Bool) -> Bool {
        var rest = list.utf8[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == 9 || $0 == UInt8(ascii: ",") }
            guard let first = rest.first else { return false }
            if first == UInt8(ascii: "*") { return true }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == UInt8(ascii: "\""),
                let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\""))
            else { return false }
            if !(isWeak && strongly), rest[...end].elementsEqual(text.utf8) { return true }
            rest = rest[rest.index(after: end)...]
        }
    }
}
