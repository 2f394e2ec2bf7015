extension Folding {
    /// What constants on the input channels add to the outputs of a kernel that sums over them.
    ///
    /// - Parameters:
    ///   - emission: what the input channels carry.
    ///   - kernel: `taps × channels × outputs`, row-major.
    ///   - padded: whether some taps may fall on zeros beyond the border.
    package static func summing(
        _ emission: TensorEmission, kernel: [Float], taps: Int, outputs: Int, padded: Bool,
        role: String = "bias", offset: Int = 0
    ) -> Folding {
        var shift = [Double](repeating: 0, count: outputs)
        var edge = [Float](repeating: 0, count: outputs)
        let channels = emission.channels.count
        for (channel, emission) in emission.channels.enumerated() {
            guard case .constant(let value, let border) = emission, value != 0 || border != 0
            else { continue }
            let reach = padded ? max(border, abs(value)) : border
            for tap in 0..<taps {
                let row = (tap * channels + channel) * outputs
                for output in 0..<outputs {
                    let weight = kernel[row + output]
                    shift[output] += Double(value) * Double(weight)
                    edge[output] += reach * abs(weight)
                }
            }
        }
        return Folding(role: role, offset: offset, shift: shift.map(Float.init), edge: edge)
    }
}
