import ModelGraph

/// One call of a layer that is to be written as operations.
struct LayerSite {
    var layer: Layer
    /// The call as the layer's rules see it.
    var call: LayerCall
    /// The tensors of ``LayerCall/inputs``.
    var inputs: [Value]

    /// The only input.
    func input() throws(ExecutionError) -> Value {
        guard let input = inputs.first, inputs.count == 1 else {
            throw ExecutionError(.shape, "takes one input, has \(inputs.count)")
        }
        return input
    }

    /// The weight with that role.
    func weight(_ role: String) throws(ExecutionError) -> Constant {
        guard let constant = optionalWeight(role) else {
            throw ExecutionError(.weight, "has no weight '\(role)'")
        }
        return constant
    }

    func optionalWeight(_ role: String) -> Constant? { layer.weight(role).map { Constant($0) } }

    /// The weight with that role, which must have that shape.
    func weight(_ role: String, shape: [Int]) throws(ExecutionError) -> Constant {
        let constant = try weight(role)
        guard constant.shape == shape else {
            throw ExecutionError(
                .weight, "weight '\(role)' has shape \(constant.shape), not \(shape)")
        }
        return constant
    }
}

/// How calls of one layer class are written as operations.
struct LoweringRule {
    let definition: ObjectIdentifier
    let lower:
        (any LayerDefinition, LayerSite, inout ProgramBuilder) throws(ExecutionError) -> [Value]

    /// A rule for a layer class with one output.
    init<Definition: LayerDefinition>(
        _ type: Definition.Type,
        _ body:
            @escaping (Definition, LayerSite, inout ProgramBuilder) throws(ExecutionError) ->
            Value
    ) {
        self.init(several: type) { definition, site, builder throws(ExecutionError) in
            [try body(definition, site, &builder)]
        }
    }

    /// A rule for a layer class with several outputs.
    init<Definition: LayerDefinition>(
        several type: Definition.Type,
        _ body:
            @escaping (Definition, LayerSite, inout ProgramBuilder) throws(ExecutionError) ->
            [Value]
    ) {
        definition = ObjectIdentifier(type)
        lower = { definition, site, builder throws(ExecutionError) in
            guard let definition = definition as? Definition else {
                throw ExecutionError(.unsupported, "is not run here")
            }
            return try body(definition, site, &builder)
        }
    }
}
