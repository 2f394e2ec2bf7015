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
    /// Multiplications that are followed by an addition, as the literature counts them: those of
    /// convolutions, matrix products and recurrences; 0 for pooling, norms and element-wise layers.
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

    /// No work at all: the layer only gives its input another shape, or does nothing when it infers.
    package static let none = LayerWork(
        kind: .dataMovement, positions: 0, inputChannels: 0, outputChannels: 0, multiplyAdds: 0)

    /// Copying a tensor of that shape to other places; nil if its size is not known.
    package static func moving(_ output: Shape?) -> LayerWork? {
        guard let count = output?.sampleElementCount else { return nil }
        return LayerWork(
            kind: .dataMovement, positions: count, inputChannels: 1, outputChannels: 1,
            multiplyAdds: 0)
    }
}
