/// A hash that is the same on every machine and in every run, as roll-outs need it.
///
/// FNV-1a, 64 bits (draft-eastlake-fnv), with the finalizer of SplitMix64 so that neighbouring keys part.
/// Not for keys that an attacker chooses: a server tells clients apart by keys of its own.
package enum StableHash {
    /// The hash of a text's UTF-8.
    package static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
