import ModelGraph

/// Which places of a site's output are looked at, for each sample.
struct PlaceChoice: Sendable {
    let perSample: Int
    private let places: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - places: of the output.
    ///   - rows: wanted over all samples.
    init(places: Int, samples: Int, rows: Int, seed: Int) {
        self.places = places
        perSample = min(places, max((rows + samples - 1) / max(samples, 1), 1))
        self.seed = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15
    }

    /// The places of one sample: all of them, or as many seeded random ones, one in each stretch of equal length.
    subscript(sample: Int) -> [Int] {
        guard perSample < places else { return Array(0..<places) }
        var state = seed ^ (UInt64(truncatingIfNeeded: sample) &* 0xBF58_476D_1CE4_E5B9)
        return (0..<perSample).map { index in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            let (from, to) = (index * places / perSample, (index + 1) * places / perSample)
            return from + Int(z % UInt64(max(to - from, 1)))
        }
    }
}

extension SiteGeometry {
    /// Copies the features of one block at some places of one sample.
    ///
    /// - Parameters:
    ///   - sample: the site's input, `input.sampleSize` elements.
    ///   - places: of the output.
    ///   - rows: room for `places.count × features`.
    func gather(
        _ sample: UnsafePointer<Float>, places: [Int], block: Int,
        into rows: UnsafeMutablePointer<Float>
    ) {
        if let depthwise {
            gatherSeparable(sample, places: places, depthwise, into: rows)
            return
        }
        let first = block * channelsPerBlock
        for (row, place) in places.enumerated() {
            for tap in 0..<tapCount {
                let target = rows + row * features + tap * channelsPerBlock
                let from = Int(taps[place * tapCount + tap])
                guard from >= 0 else {
                    target.update(repeating: 0, count: channelsPerBlock)
                    continue
                }
                let source = sample + from * input.place + first * input.channel
                if input.channel == 1 {
                    target.update(from: source, count: channelsPerBlock)
                } else {
                    for channel in 0..<channelsPerBlock {
                        target[channel] = source[channel * input.channel]
                    }
                }
            }
        }
    }

    private func gatherSeparable(
        _ sample: UnsafePointer<Float>, places: [Int],
        _ depthwise: (kernel: [Float], multiplier: Int), into rows: UnsafeMutablePointer<Float>
    ) {
        let windowTaps = taps.count / max(self.places, 1)
        let (channels, multiplier) = (input.channels, depthwise.multiplier)
        for (row, place) in places.enumerated() {
            let target = rows + row * features
            target.update(repeating: 0, count: features)
            for tap in 0..<windowTaps {
                let from = Int(taps[place * windowTaps + tap])
                guard from >= 0 else { continue }
                let source = sample + from * input.place
                for channel in 0..<channels {
                    let value = source[channel * input.channel]
                    for copy in 0..<multiplier {
                        let index = channel * multiplier + copy
                        target[index] += value * depthwise.kernel[tap * features + index]
                    }
                }
            }
        }
    }

    /// Copies what a tensor of the output's shape holds at some places, all channels.
    ///
    /// - Parameter rows: room for `places.count × output.channels`.
    func gatherOutputs(
        _ sample: UnsafePointer<Float>, places: [Int], into rows: UnsafeMutablePointer<Float>
    ) {
        for (row, place) in places.enumerated() {
            let target = rows + row * output.channels
            let source = sample + place * output.place
            for channel in 0..<output.channels {
                target[channel] = source[channel * output.channel]
            }
        }
    }
}
