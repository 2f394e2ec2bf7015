/// A tensor of a program.
struct Value: Hashable, Sendable {
    /// Index into ``Program/values``.
    let index: Int
}

/// What is known of a ``Value``.
struct ValueDescription: Sendable {
    /// Row-major, channels last wherever channels matter.
    var shape: [Int]
    /// The value whose memory this one uses, under its own shape.
    var alias: Value?
    /// Its numbers, if they do not change.
    var constant: Constant?
}

/// One operation on values, made by the layer call of a node.
struct Step: Sendable {
    var operation: any Operation
    var inputs: [Value]
    var outputs: [Value]
    /// The nodes of the graph whose work this is, the first one being the main one.
    var nodes: [Int]
}

/// A network as a list of operations on row-major tensors.
///
/// Layers are lowered to a few dozen operations, on which all preparation works: folding, fusing,
/// running in place, planning memory.
struct Program: Sendable {
    var values: [ValueDescription] = []
    var steps: [Step] = []
    var inputs: [Value] = []
    var outputs: [Value] = []
    /// Tensors to hand out beside the outputs.
    var captures: [Value] = []

    func shape(_ value: Value) -> [Int] { values[value.index].shape }

    /// The value that owns the memory.
    func root(_ value: Value) -> Value {
        var value = value
        while let next = values[value.index].alias { value = next }
        return value
    }

    func shapes(of step: Step) -> OperationShapes {
        OperationShapes(inputs: step.inputs.map(shape), outputs: step.outputs.map(shape))
    }

    mutating func add(_ description: ValueDescription) -> Value {
        values.append(description)
        return Value(index: values.count - 1)
    }
}
