import ModelGraph

enum NormalizationRules {
    static var all: [LoweringRule] {
        [LoweringRule(BatchNormalization.self, batchNormalization)]
    }

    private static func batchNormalization(
        _ definition: BatchNormalization, _ site: LayerSite, _ builder: inout ProgramBuilder
    ) throws(ExecutionError) -> Value {
        let input = try site.input()
        let axis = try builder.axis(definition.axis, of: input)
        let count = builder.shape(input)[axis]
        let mean = try site.weight("moving_mean", shape: [count]).floats()
        let variance = try site.weight("moving_variance", shape: [count]).floats()
        let gamma =
            definition.scales ? try site.weight("gamma", shape: [count]).floats() : nil
        let beta = definition.centers ? try site.weight("beta", shape: [count]).floats() : nil
        var scale: [Float] = []
        var shift: [Float] = []
        for channel in 0..<count {
            let factor =
                Double(gamma?[channel] ?? 1)
                / (Double(variance[channel]) + definition.epsilon).squareRoot()
            scale.append(Float(factor))
            shift.append(Float(Double(beta?[channel] ?? 0) - Double(mean[channel]) * factor))
        }
        return try builder.scaleAndShift(input, scale: scale, shift: shift, axis: axis)
    }
}
