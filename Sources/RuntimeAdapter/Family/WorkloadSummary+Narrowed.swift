import Contexts

extension WorkloadSummary {
    /// The same network with all inner widths times `share`, as an estimate of what pruning makes of it.
    ///
    /// Work and parameters of layers over all channels follow the square, those of layers over single channels
    /// and all activations the share itself.
    func narrowed(to share: Double) -> WorkloadSummary {
        var layers = layers
        for index in layers.indices { layers[index].narrow(to: share) }
        let (before, after) = (
            self.layers.reduce(0.0) { $0 + Double($1.parameterBytes) },
            layers.reduce(0.0) { $0 + Double($1.parameterBytes) }
        )
        let kept = before > 0 ? after / before : share * share
        return WorkloadSummary(
            layers: layers, parameterCount: Int(saturating: Double(parameterCount) * kept),
            parameterBytes: Int(saturating: Double(parameterBytes) * kept),
            weightSparsity: weightSparsity,
            peakActivationBytes: Int(saturating: Double(peakActivationBytes) * share),
            fileBytes: Int(saturating: Double(fileBytes) * kept))
    }
}

extension LayerWorkload {
    fileprivate mutating func narrow(to share: Double) {
        let square: Bool =
            switch operation {
            case .convolution, .dense, .attention, .recurrent: true
            case .depthwiseConvolution, .pooling, .normalization, .elementWise, .dataMovement,
                .other:
                false
            }
        let work = square ? share * share : share
        func scaled(_ value: Int, _ factor: Double) -> Int {
            value == 0 ? 0 : max(1, Int(saturating: (Double(value) * factor).rounded()))
        }
        inputChannels = scaled(inputChannels, share)
        outputChannels = scaled(outputChannels, share)
        // Groups of one channel each go with the channels.
        if groups > 1 { groups = min(groups, max(1, inputChannels)) }
        multiplyAdds = scaled(multiplyAdds, work)
        parameterBytes = scaled(parameterBytes, work)
        inputBytes = scaled(inputBytes, share)
        outputBytes = scaled(outputBytes, share)
    }
}
