/// An activation function of Keras, with its settings.
package enum ActivationFunction: Hashable, Sendable {
    case linear
    /// Also `relu6`, `leaky_relu` and `ThresholdedReLU`: they are this with other settings.
    case relu(maximum: Float?, negativeSlope: Float, threshold: Float)
    case sigmoid, tanh, softplus, softsign, exponential, mish
    case silu
    case gelu(approximate: Bool)
    case elu(alpha: Float)
    case celu(alpha: Float)
    case selu
    /// `x / 6 + 0.5` between 0 and 1.
    case hardSigmoid
    /// `0.2x + 0.5` between 0 and 1, what `hard_sigmoid` was up to Keras 2.
    case oldHardSigmoid
    case hardSilu, hardTanh
    case hardShrink(threshold: Float)
    case softShrink(threshold: Float)
    case tanhShrink
    case threshold(Float, otherwise: Float)
    case logSigmoid, sparsePlus, sparseSigmoid
    case squareplus(b: Float)
    case softmax(axis: Int)
    case logSoftmax(axis: Int)
    case sparsemax(axis: Int)
    /// Halves its axis: the first half times the sigmoid of the second.
    case glu(axis: Int)

    /// Whether each output element depends on one input element only.
    package var isElementWise: Bool { axis == nil }

    /// The axis over which it computes, as Keras numbers axes; nil for an element-wise function.
    package var axis: Int? {
        switch self {
        case .softmax(let axis), .logSoftmax(let axis), .sparsemax(let axis), .glu(let axis): axis
        default: nil
        }
    }

    /// Whether all outputs are zero where all inputs are.
    package var keepsZero: Bool { isElementWise && self(0) == 0 }
}
