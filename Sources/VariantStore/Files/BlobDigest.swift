package import Foundation

/// The SHA-256 of a blob's content: what a blob is called in a store.
///
/// Whatever text it is made from is checked to be 64 hexadecimal digits, so that a digest can become a
/// path without a second thought.
package struct BlobDigest: Hashable, Sendable, Comparable {
    // Four words instead of a string: an index holds tens of thousands of digests.
    private let words: SIMD4<UInt64>

    /// Reads 64 lower-case hexadecimal digits; nil for any other text.
    package init?(hexadecimal text: some StringProtocol) {
        self.init(digits: text.utf8)
    }

    /// Reads `sha256:` and 64 lower-case hexadecimal digits; nil for any other text.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.starts(with: "sha256:".utf8) else { return nil }
        self.init(digits: text.utf8.dropFirst(7))
    }

    /// Digests bytes in memory.
    package init(of bytes: some DataProtocol) {
        let digest = FileDigest(of: bytes)
        // A digest that was just computed has 64 digits.
        self = BlobDigest(hexadecimal: digest.sha256) ?? BlobDigest(words: .zero)
    }

    private init(words: SIMD4<UInt64>) { self.words = words }

    private init?(digits: some Collection<UInt8>) {
        var words = SIMD4<UInt64>()
        var count = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            guard count < 64 else { return nil }
            words[count >> 4] = words[count >> 4] << 4 | UInt64(value)
            count += 1
        }
        guard count == 64 else { return nil }
        self.words = words
    }

    /// 64 hexadecimal digits, lower case.
    package var hexadecimal: String {
        String(unsafeUninitializedCapacity: 64) { buffer in
            for index in 0..<64 {
                let nibble = UInt8(truncatingIfNeeded: words[index >> 4] >> (60 - 4 * (index & 15)))
                let digit = nibble & 15
                buffer[index] = digit < 10 ? digit + 48 : digit + 87
            }
            return 64
        }
    }

    /// As OCI writes it: `sha256:` and the digits.
    package var text: String { "sha256:" + hexadecimal }

    package static func < (a: BlobDigest, b: BlobDigest) -> Bool {
        for index in 0..<4 where a.words[index] != b.words[index] {
            return a.words[index] < b.words[index]
        }
        return false
    }
}

extension BlobDigest: CustomStringConvertible {
    package var description: String { text }
}
