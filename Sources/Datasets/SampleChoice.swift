/// Chooses samples at random, the same ones for the same seed.
enum SampleChoice {
    /// - Returns: `count` of the numbers below `total`, ascending; all of them if there are no more.
    /// - Complexity: time and memory in proportion to `total`.
    static func indices(count: Int, of total: Int, seed: UInt64) -> [Int] {
        var all = Array(0..<max(total, 0))
        guard count < total else { return all }
        // The start of a shuffle (Fisher and Yates), by SplitMix64.
        var state = seed
        for place in 0..<max(count, 0) {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            // The upper half of the product is below the count, evenly but for one part in 2⁶⁴.
            let step = z.multipliedFullWidth(by: UInt64(total - place)).high
            all.swapAt(place, place + Int(step))
        }
        return all.prefix(max(count, 0)).sorted()
    }
}
