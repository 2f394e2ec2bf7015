/// `(x × scale − mean) ÷ standard deviation`, the latter two for each channel or for all.
struct NumberTreatment: Sendable {
    /// For each channel, or one for all: `x × factor + offset`.
    private var factors: [Float]
    private var offsets: [Float]
    /// How many numbers of one channel stand in a row: 1 for channels last.
    private var run: Int
    private(set) var steps: [String] = []

    /// - Throws: ``SampleFitter/Misfit`` for another number of means or deviations than channels.
    init(
        _ preprocessing: Preprocessing, channels: Int, isChannelsFirst: Bool, sampleSize: Int
    ) throws(SampleFitter.Misfit) {
        let scale = preprocessing.scale ?? 1
        let mean = preprocessing.mean ?? [0]
        let deviation = preprocessing.standardDeviation ?? [1]
        for (word, numbers) in [("mean", mean), ("standard-deviation", deviation)]
        where numbers.count != 1 && numbers.count != channels {
            throw SampleFitter.Misfit(
                reason: "\(word) has \(numbers.count) numbers, and the model takes \(channels) "
                    + "channels; give one, or one for each")
        }
        let count = max(mean.count, deviation.count)
        let pairs = (0..<count).map { index in
            (mean[mean.count == 1 ? 0 : index], deviation[deviation.count == 1 ? 0 : index])
        }
        factors = pairs.map { Float(scale / $0.1) }
        offsets = pairs.map { Float(-$0.0 / $0.1) }
        run = isChannelsFirst && channels > 0 ? sampleSize / channels : 1
        if scale != 1 { steps.append("× \(Self.text(scale))") }
        if mean != [0] { steps.append("− " + Self.text(mean)) }
        if deviation != [1] { steps.append("÷ " + Self.text(deviation)) }
    }

    private static func text(_ numbers: [Double]) -> String {
        let texts = numbers.map { Self.text($0) }
        return numbers.count == 1 ? texts[0] : "(" + texts.joined(separator: ", ") + ")"
    }

    private static func text(_ number: Double) -> String {
        // 1/255 is what people wrote and understand.
        let inverse = (1 / number).rounded()
        if abs(number) < 1, abs(inverse) < 1e6, abs(1 / number - inverse) < 1e-9 {
            return "1/\(Int(inverse))"
        }
        return "\(number)"
    }

    /// Treats the numbers of one sample, which stand at the end of an array.
    func apply(to values: inout [Float], from start: Int) {
        if factors.count == 1 {
            let (factor, offset) = (factors[0], offsets[0])
            if factor == 1, offset == 0 { return }
            values.withUnsafeMutableBufferPointer { buffer in
                for index in start..<buffer.count {
                    buffer[index] = buffer[index] * factor + offset
                }
            }
            return
        }
        let channels = factors.count
        values.withUnsafeMutableBufferPointer { buffer in
            for index in start..<buffer.count {
                let channel = (index - start) / run % channels
                buffer[index] = buffer[index] * factors[channel] + offsets[channel]
            }
        }
    }
}
