import COneDNN
import ModelGraph
import OrderedJSON

/// Operations that stand in graphs without being layers.
enum OperationRules {
    static var all: [LoweringRule] {
        [
            LoweringRule(ArithmeticOperation.self, arithmetic),
            LoweringRule(ScalarFunction.self, scalar),
            LoweringRule(ReductionOperation.self, reduction),
            LoweringRule(AxisOperation.self, axes),
            LoweringRule(SliceOperation.self, slice),
            LoweringRule(several: SplitOperation.self, split),
            LoweringRule(PadOperation.self, pad),
            LoweringRule(ProductOperation.self, product),
            LoweringRule(ReshapeOperation.self) {
                definition, site, builder throws(ExecutionError) in
                let shapes = try checked { () throws(GraphError) in
                    try definition.outputs(of: site.call)
                }
                return try builder.reshape(
                    try site.input(), (shapes.first?.dimensions ?? []).compactMap(\.self))
            },
        ]
    }

    private static func arithmetic(
        _ definition: ArithmeticOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let operands = try checked { () throws(GraphError) in
            try definition.operands(of: site.call)
        }
        var values: [Value] = []
        for operand in operands {
            switch operand {
            case .input(let index): values.append(site.inputs[index])
            case .constant(let array):
                let shape = array.shape.isEmpty ? [1] : array.shape
                values.append(
                    builder.constant(array.values.map { Float($0) }, shape: shape))
            }
        }
        guard values.count == 2 else {
            throw ExecutionError(.unsupported, "its operands are not understood")
        }
        if let arithmetic = definition.arithmetic {
            if let linear = linear(arithmetic, operands) {
                let input = builder.program.values[values[0].index].constant == nil
                return try builder.function(linear, input ? values[0] : values[1])
            }
            return try builder.combine(arithmetic, values)
        }
        switch definition.name {
        case "Equal": return try builder.binary(.equal, values[0], values[1])
        case "NotEqual":
            let equal = try builder.binary(.equal, values[0], values[1])
            return try builder.function(.linear(scale: -1, shift: 1), equal)
        case "Less": return try builder.binary(.less, values[0], values[1])
        case "Greater": return try builder.binary(.less, values[1], values[0])
        case "GreaterEqual": return try builder.binary(.greaterOrEqual, values[0], values[1])
        case "LessEqual": return try builder.binary(.greaterOrEqual, values[1], values[0])
        case "Power":
            if case .constant(let array) = operands[1], let exponent = array.uniform {
                return try builder.function(.power(Float(exponent)), values[0])
            }
        default: break
        }
        throw ExecutionError(.unsupported, "the operation '\(definition.name)' cannot be run")
    }

    /// Arithmetic with one number, as a function of the other operand.
    private static func linear(
        _ arithmetic: Arithmetic, _ operands: [Operand]
    ) -> ElementwiseFunction? {
        switch (operands[0], operands[1]) {
        case (.input, .constant(let array)) where array.shape.isEmpty:
            guard let number = array.uniform.map({ Float($0) }) else { return nil }
            switch arithmetic {
            case .add: return .linear(scale: 1, shift: number)
            case .subtract: return .linear(scale: 1, shift: -number)
            case .multiply: return .linear(scale: number)
            case .divide: return .linear(scale: 1 / number)
            default: return nil
            }
        case (.constant(let array), .input) where array.shape.isEmpty:
            guard let number = array.uniform.map({ Float($0) }) else { return nil }
            switch arithmetic {
            case .add: return .linear(scale: 1, shift: number)
            case .subtract: return .linear(scale: -1, shift: number)
            case .multiply: return .linear(scale: number)
            default: return nil
            }
        default: return nil
        }
    }

    private static func scalar(
        _ definition: ScalarFunction, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        switch definition.name {
        case "Negative": return try builder.function(.linear(scale: -1), input)
        case "Absolute", "Abs": return try builder.function(.absolute, input)
        case "Square": return try builder.function(.square, input)
        case "Exp": return try builder.function(.exponential, input)
        case "Sqrt":
            return try builder.function(
                ElementwiseFunction(algorithm: dnnl_eltwise_sqrt), input)
        case "Log":
            return try builder.function(ElementwiseFunction(algorithm: dnnl_eltwise_log), input)
        case "Clip":
            guard let bounds = definition.bounds else { break }
            return try builder.function(
                .clip(from: bounds.lowerBound, to: bounds.upperBound), input)
        default:
            guard definition(0.5) != nil else { break }
            return try builder.elementByElement(input, "function") { definition($0) ?? $0 }
        }
        throw ExecutionError(.unsupported, "the operation '\(definition.name)' cannot be run")
    }

    private static func reduction(
        _ definition: ReductionOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let axes = try checked { () throws(GraphError) in try definition.axes(of: site.call) }
        let result: Value
        switch definition.name {
        case "Mean": result = try builder.reduce(input, .mean, axes: axes)
        case "Sum": result = try builder.reduce(input, .sum, axes: axes)
        case "Max", "Any": result = try builder.reduce(input, .maximum, axes: axes)
        case "Min", "All":
            let negative = try builder.function(.linear(scale: -1), input)
            result = try builder.function(
                .linear(scale: -1), try builder.reduce(negative, .maximum, axes: axes))
        case "Var", "Std":
            let mean = try builder.reduce(input, .mean, axes: axes)
            let centred = try builder.binary(.subtract, input, mean)
            let variance = try builder.reduce(
                try builder.function(.square, centred), .mean, axes: axes)
            result =
                definition.name == "Var"
                ? variance
                : try builder.function(
                    ElementwiseFunction(algorithm: dnnl_eltwise_sqrt), variance)
        default:
            throw ExecutionError(
                .unsupported, "the operation '\(definition.name)' cannot be run")
        }
        guard !definition.keepsAxes(site.call) else { return result }
        let shape = builder.shape(result)
        return try builder.reshape(
            result, shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
    }

    private static func axes(
        _ definition: AxisOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let order = try checked { () throws(GraphError) in try definition.order(of: site.call) }
        let shape = builder.shape(input)
        // Axes that go have length 1; they may stand anywhere before they do.
        let kept = order.compactMap(\.self)
        let moved = try builder.transpose(
            input, kept + shape.indices.filter { !kept.contains($0) })
        return try builder.reshape(moved, order.map { axis in axis.map { shape[$0] } ?? 1 })
    }

    private static func slice(
        _ definition: SliceOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        var value = try site.input()
        let parts = try checked { () throws(GraphError) in try definition.parts(of: site.call) }
        var shape: [Int] = []
        var axis = 0
        for part in parts {
            switch part {
            case .new: shape.append(1)
            case .all:
                shape.append(builder.shape(value)[axis])
                axis += 1
            case .index(let place):
                value = try builder.slice(value, axis: axis, place..<place + 1)
                axis += 1
            case .range(let start, let count, let step):
                guard let count, count > 0 else {
                    throw ExecutionError(.shape, "slices nothing")
                }
                value = try builder.slice(
                    value, axis: axis, from: start, count: count, step: step)
                shape.append(count)
                axis += 1
            }
        }
        return try builder.reshape(value, shape)
    }

    private static func split(
        _ definition: SplitOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> [Value] {
        let input = try site.input()
        let (axis, sizes) = try checked { () throws(GraphError) in
            try definition.parts(of: site.call)
        }
        var start = 0
        var outputs: [Value] = []
        for size in sizes {
            outputs.append(try builder.slice(input, axis: axis, start..<start + size))
            start += size
        }
        return outputs
    }

    private static func pad(
        _ definition: PadOperation, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let margins = try checked { () throws(GraphError) in
            try definition.margins(of: site.call)
        }
        guard let filling = definition.value(site.call) else {
            throw ExecutionError(.unsupported, "pads with something else than a constant")
        }
        return try builder.pad(
            try site.input(), before: margins.map(\.before), after: margins.map(\.after),
            filling: Float(filling))
    }

    private static func product(
        _ definition: ProductOperation, _ site: LayerSite,
        _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        guard !definition.isEinsum, site.inputs.count == 2 else {
            throw ExecutionError(.unsupported, "is no product of two tensors")
        }
        let (a, b) = (builder.shape(site.inputs[0]), builder.shape(site.inputs[1]))
        guard a.count == b.count, a.count >= 2 else {
            throw ExecutionError(.unsupported, "multiplies \(a) with \(b)")
        }
        return try builder.matrixProduct(site.inputs[0], site.inputs[1])
    }

    /// Runs a layer class's own rules, whose errors become ours.
    private static func checked<Result>(
        _ body: () throws(GraphError) -> Result
    ) throws(ExecutionError) -> Result {
        do throws(GraphError) { return try body() } catch {
            throw ExecutionError(
                error.code == .unsupported ? .unsupported : .shape, layer: error.layer,
                error.reason)
        }
    }
}
