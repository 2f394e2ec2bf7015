import Foundation

/// One block of PEM (RFC 7468): a label, and bytes as base64 between two lines that name it.
struct PEMBlock: Equatable, Sendable {
    /// Larger files hold no key.
    static let largestByteCount = 1 << 14

    var label: String
    var bytes: [UInt8]

    init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// Reads text that is one block and nothing else; white space around it and CRLF are allowed.
    ///
    /// - Throws: ``SignatureError`` with `notPEM`.
    init(parsing text: String, file: String = "") throws(SignatureError) {
        var lines = text.split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        lines.removeAll(where: \.isEmpty)
        let (begin, end, dashes) = ("-----BEGIN ", "-----END ", "-----")
        guard let first = lines.first, let last = lines.last, lines.count >= 3,
            first.hasPrefix(begin), first.hasSuffix(dashes),
            first.utf8.count > begin.utf8.count + dashes.utf8.count
        else { throw SignatureError(.notPEM, file: file) }
        let label = String(first.dropFirst(begin.count).dropLast(dashes.count))
        guard last == end + label + dashes,
            let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
        else { throw SignatureError(.notPEM, file: file) }
        self.label = label
        bytes = Array(data)
    }

    /// The block as `openssl` writes it, with lines of 64 characters.
    var text: String {
        var digits = Substring(Data(bytes).base64EncodedString())
        var lines = ["-----BEGIN \(label)-----"]
        while !digits.isEmpty {
            lines.append(String(digits.prefix(64)))
            digits = digits.dropFirst(64)
        }
        lines.append("-----END \(label)-----")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads a file that holds one block.
    ///
    /// - Parameter isSecret: whether a file that others may read or change is refused. The group may read it, as
    ///   services get their keys so.
    /// - Throws: ``SignatureError``.
    init(readingFrom path: String, isSecret: Bool) throws(SignatureError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SignatureError(.unreadable(errno: errno), file: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SignatureError(.unreadable(errno: errno), file: path)
        }
        if isSecret, status.st_mode & 0o027 != 0 {
            throw SignatureError(.exposed(mode: status.st_mode & 0o777), file: path)
        }
        var bytes = [UInt8](repeating: 0, count: Self.largestByteCount + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SignatureError(.unreadable(errno: errno), file: path) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= Self.largestByteCount else {
            throw SignatureError(.tooLarge(limit: Self.largestByteCount), file: path)
        }
        try self.init(parsing: String(decoding: bytes[..<filled], as: UTF8.self), file: path)
    }

    /// The 32 bytes of an Ed25519 key that stand behind a fixed beginning.
    ///
    /// RFC 8410 leaves one DER form for each kind of key, so that no general decoder is needed, and none can be
    /// led astray.
    ///
    /// - Throws: ``SignatureError``: blocks of another kind, passwords and other algorithms are told apart.
    func key(
        label expected: String, behind prefix: [UInt8], file: String
    ) throws(SignatureError) -> [UInt8] {
        guard label == expected else {
            let code: SignatureError.Code =
                label == "ENCRYPTED \(expected)"
                ? .encrypted : .otherKind(label: label, expected: expected)
            throw SignatureError(code, file: file)
        }
        guard bytes.count == prefix.count + 32, bytes.starts(with: prefix) else {
            throw SignatureError(.notEd25519, file: file)
        }
        return Array(bytes[prefix.count...])
    }
}
