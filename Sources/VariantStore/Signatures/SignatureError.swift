/// Why a key cannot be used, and in which file it stands.
package struct SignatureError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The operating system refused; `errno` says why (2: no such file).
        case unreadable(errno: Int32)
        /// Larger than any key is.
        case tooLarge(limit: Int)
        /// The file of a private key may be read or changed by more people than its owner and group.
        case exposed(mode: UInt32)
        /// Not one block of PEM and nothing else.
        case notPEM
        /// A PEM block of something else, such as a public key in place of a private one.
        case otherKind(label: String, expected: String)
        /// A private key under a password.
        case encrypted
        /// A key of another algorithm, or Ed25519 in a form that `openssl` does not write.
        case notEd25519
        /// The library refused to sign.
        case cannotSign
    }

    package var code: Code
    /// The file as it was named; empty for a key that is in memory.
    package var file: String

    package init(_ code: Code, file: String = "") {
        self.code = code
        self.file = file
    }
}
