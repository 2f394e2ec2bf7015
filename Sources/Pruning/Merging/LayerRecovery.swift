import ModelGraph

/// What one layer that reads removed channels is given in their place.
struct LayerRecovery: Sendable {
    /// Takes the place of the layer's kernel, with the slices of removed channels still in it; nil leaves it.
    var kernel: [Float]?
    /// What each input channel carries beside what the kernel reads in its place, positions outermost; nil if that is not known.
    var constants: [Float]?
    /// For each output, the variance that is left in front of what follows, as a share of that before.
    var variances: [Float]
    var report: DataFreeReport

    /// Shares of variance are taken no further from 1.
    private static let variancesWithin: ClosedRange<Double> = 0.05...1.5

    /// Finds what takes the place of removed channels.
    ///
    /// - Parameters:
    ///   - kernel: `taps × channels × outputs`, as the model has it.
    ///   - applied: what ``KernelMoments/applied(to:)`` makes of it.
    ///   - removed: by input channel.
    ///   - removedOutputs: outputs that go themselves, which do not count in the report.
    init?(
        of layer: Layer, kernel: [Float], applied: [Float], _ moments: KernelMoments,
        removed: [Bool], removedOutputs: [Bool]?, recovery: DataFreeRecovery
    ) {
        let (input, outputs, taps) = (moments.input, moments.outputs, moments.taps)
        var lost = [Float](repeating: 0, count: kernel.count)
        for tap in 0..<taps {
            for channel in removed.indices where removed[channel] {
                let first = (tap * input.count + channel) * outputs
                for index in first..<first + outputs { lost[index] = -kernel[index] }
            }
        }
        let merge = recovery == .merge ? ChannelMerge(input, removed: removed) : nil
        var change = lost
        var carried = removed.indices.map { removed[$0] ? Float(input.mean[$0]) : 0 }
        if let merge {
            let merged = merge.adding(to: kernel, taps: taps, outputs: outputs)
            for index in merged.indices where lost[index] == 0 {
                change[index] = merged[index] - kernel[index]
            }
            self.kernel = merged
            for (channel, rest) in zip(merge.gone, merge.constants(input.mean)) {
                carried[channel] = rest
            }
        }
        if merge != nil || input.isAnchored {
            let copies = max(input.positions.reduce(1, *), 1)
            constants = Array(repeatElement(carried, count: copies).joined())
        }
        let before = moments.products(kernel, applied)
        let gone = removed.indices.filter { removed[$0] }
        let slices = Self.slices(of: kernel, channels: gone, count: input.count, outputs: outputs)
        let meansError = Self.error(
            of: slices, moments.reading(input.covariance(of: gone), count: gone.count))
        let error =
            merge.map {
                Self.error(
                    of: slices, moments.reading($0.residual(of: input), count: gone.count))
            } ?? meansError
        let crossed = moments.products(change, applied)
        variances = before.indices.map { output in
            let share = (before[output] + 2 * crossed[output] + error[output]) / before[output]
            guard share.isFinite else { return 1 }
            return Float(
                min(
                    max(share, LayerRecovery.variancesWithin.lowerBound),
                    LayerRecovery.variancesWithin.upperBound))
        }
        func share(_ errors: [Double]) -> Float {
            let staying = before.indices.filter { removedOutputs?[$0] != true }
            let whole = staying.reduce(0) { $0 + before[$1] }
            return whole > 0 ? Float(staying.reduce(0) { $0 + max(errors[$1], 0) } / whole) : 0
        }
        report = DataFreeReport(
            layer: layer.name, removedChannels: removed.count { $0 },
            errorOfMeans: share(meansError), error: share(error))
        guard variances.allSatisfy(\.isFinite), self.kernel?.allSatisfy(\.isFinite) ?? true,
            constants?.allSatisfy(\.isFinite) ?? true, report.error.isFinite,
            report.errorOfMeans.isFinite
        else { return nil }
    }

    /// The slices of a kernel that read some of the channels, `taps × channels × outputs`.
    private static func slices(
        of kernel: [Float], channels: [Int], count: Int, outputs: Int
    ) -> [Float] {
        var slices: [Float] = []
        slices.reserveCapacity(kernel.count / max(count, 1) * channels.count)
        for tap in 0..<kernel.count / max(count * outputs, 1) {
            for channel in channels {
                let first = (tap * count + channel) * outputs
                slices += kernel[first..<first + outputs]
            }
        }
        return slices
    }

    /// The mean square of what slices of a kernel give of channels with a mean of zero, for each output.
    ///
    /// What removed channels leave open, whether or not others stand in for them, is a sum over the removed ones alone: so it
    /// takes their number squared, not that of all channels.
    private static func error(of slices: [Float], _ moments: KernelMoments) -> [Double] {
        moments.products(slices, moments.applied(to: slices))
    }
}
