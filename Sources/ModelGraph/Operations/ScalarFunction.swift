import Foundation
import OrderedJSON

/// Functions of single elements that stand in a graph as operations and are no activation.
package struct ScalarFunction: LayerDefinition {
    package static let classNames = [
        "Negative", "Absolute", "Abs", "Sqrt", "Rsqrt", "Square", "Exp", "Expm1", "Log", "Log1p",
        "Reciprocal", "Sign", "Floor", "Ceil", "Round", "Sin", "Cos", "Erf", "Clip",
    ].map { "operation:" + $0 }

    /// Keras's name of the function: `Negative`.
    package var name: String
    /// The bounds of a `Clip`.
    package var bounds: ClosedRange<Float>?

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        name = String(configuration.className.dropFirst("operation:".count))
        guard name == "Clip", let low = configuration.json["x_min"]?.double,
            let high = configuration.json["x_max"]?.double, low <= high
        else { return }
        bounds = Float(low)...Float(high)
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        [try call.firstInput()]
    }

    package var memory: LayerMemory { .inPlace }

    package func bind(_ channels: inout ChannelBinder) { channels.passThrough() }

    package func emit(_ call: EmissionCall) -> [TensorEmission] {
        call.passing { _, emission in
            guard case .constant(let value, let edge) = emission, let result = self(value) else {
                return .unknown
            }
            let isGentle = ["Negative", "Absolute", "Abs", "Clip", "Sin", "Cos"].contains(name)
            guard edge == 0 || isGentle else { return .unknown }
            return .constant(result, edge: edge)
        }
    }

    /// The function's value; nil where it is not known here.
    package func callAsFunction(_ x: Float) -> Float? {
        switch name {
        case "Negative": -x
        case "Absolute", "Abs": abs(x)
        case "Sqrt": x.squareRoot()
        case "Rsqrt": 1 / x.squareRoot()
        case "Square": x * x
        case "Exp": exp(x)
        case "Expm1": expm1(x)
        case "Log": log(x)
        case "Log1p": log1p(x)
        case "Reciprocal": 1 / x
        case "Sign": x > 0 ? 1 : x < 0 ? -1 : 0
        case "Floor": x.rounded(.down)
        case "Ceil": x.rounded(.up)
        case "Round": x.rounded(.toNearestOrEven)
        case "Sin": sin(x)
        case "Cos": cos(x)
        case "Erf": erf(x)
        case "Clip": bounds.map { min(max(x, $0.lowerBound), $0.upperBound) }
        default: nil
        }
    }
}

/// `base` to the power of `exponent`.
func power(_ base: Float, _ exponent: Float) -> Float { pow(base, exponent) }
