package import OrderedJSON

import Foundation

/// An activation function of Keras, with its settings.
package enum ActivationFunction: Hashable, Sendable {
    case linear
    case relu(maximum: Float?, negativeSlope: Float, threshold: Float)
    case sigmoid, tanh, softplus, softsign, exponential, mish
    case silu
    case gelu(approximate: Bool)
    case elu(alpha: Float)
    case selu
    case hardSigmoid, hardSilu
    case softmax(axis: Int)
    case logSoftmax(axis: Int)

    /// Reads an activation as Keras stores it: a name, or an object with `class_name` and `config`.
    ///
    /// - Throws: ``GraphError`` for a function that is not known, Python code among them.
    package init(_ json: JSON) throws(GraphError) {
        let name = json.string ?? json["class_name"]?.string ?? json["config"]?.string
        switch name?.lowercased() {
        case "linear": self = .linear
        case "relu": self = .relu(maximum: nil, negativeSlope: 0, threshold: 0)
        case "relu6": self = .relu(maximum: 6, negativeSlope: 0, threshold: 0)
        case "sigmoid": self = .sigmoid
        case "tanh": self = .tanh
        case "softplus": self = .softplus
        case "softsign": self = .softsign
        case "exponential": self = .exponential
        case "mish": self = .mish
        case "silu", "swish": self = .silu
        case "gelu": self = .gelu(approximate: false)
        case "elu": self = .elu(alpha: 1)
        case "selu": self = .selu
        case "hard_sigmoid": self = .hardSigmoid
        case "hard_silu", "hard_swish": self = .hardSilu
        case "softmax": self = .softmax(axis: -1)
        case "log_softmax": self = .logSoftmax(axis: -1)
        default:
            throw GraphError(
                .unsupported, "the activation function \(json.text().prefix(80)) is not known")
        }
    }

    /// Whether each output element depends on one input element only.
    package var isElementWise: Bool {
        switch self {
        case .softmax, .logSoftmax: false
        default: true
        }
    }

    /// The function's value, computed as Keras defines it; the input itself where it is not element-wise.
    package func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .linear, .softmax, .logSoftmax: x
        case .relu(let maximum, let slope, let threshold):
            x < threshold ? slope * (x - threshold) : maximum.map { min(x, $0) } ?? x
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: Foundation.tanh(x)
        case .softplus: max(x, 0) + log1p(exp(-abs(x)))
        case .softsign: x / (1 + abs(x))
        case .exponential: exp(x)
        case .mish: x * Foundation.tanh(max(x, 0) + log1p(exp(-abs(x))))
        case .silu: x / (1 + exp(-x))
        case .gelu(approximate: false): 0.5 * x * (1 + erf(x / Float(2).squareRoot()))
        case .gelu(approximate: true):
            0.5 * x
                * (1 + Foundation.tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
        case .selu: 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x))
        case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
        case .hardSilu: x * min(max(x / 6 + 0.5, 0), 1)
        }
    }
}
