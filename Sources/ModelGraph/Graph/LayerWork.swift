/// What one call of a layer costs, per sample, independent of the machine.
package struct LayerWork: Hashable, Sendable {
    /// The kinds that machines run at different speeds.
    package enum Kind: String, Hashable, Sendable {
        case convolution, depthwiseConvolution = "depthwise-convolution", dense, pooling
        case normalization, elementWise = "element-wise", recurrent, attention
        case dataMovement = "data-movement", other
    }

    package var kind: Kind
    /// Output positions at which the kernel is applied (1 for a dense layer on a vector).
    package var positions: Int
    /// Size of the window along each spatial axis; empty without one.
    package var kernel: [Int]
    package var strides: [Int]
    package var inputChannels: Int
    package var outputChannels: Int
    package var groups: Int
    package var multiplyAdds: Int

    package init(
        kind: Kind, positions: Int, kernel: [Int] = [], strides: [Int] = [], inputChannels: Int,
        outputChannels: Int, groups: Int = 1, multiplyAdds: Int
    ) {
        self.kind = kind
        self.positions = positions
        self.kernel = kernel
        self.strides = strides
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.groups = groups
        self.multiplyAdds = multiplyAdds
    }
}
