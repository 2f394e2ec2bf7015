import OrderedJSON

/// `Matmul` and `Einsum` of tensors, which sum over channels that must stay.
package struct ProductOperation: LayerDefinition {
    package static let classNames = ["operation:Matmul", "operation:Einsum"]

    package var settings: OperationSettings
    package var isEinsum: Bool

    package init(_ configuration: LayerConfiguration) throws(GraphError) {
        settings = OperationSettings(configuration: configuration.json)
        isEinsum = configuration.className.hasSuffix("Einsum")
    }

    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        isEinsum ? [try einsum(call)] : [try matrixProduct(call)]
    }

    private func matrixProduct(_ call: LayerCall) throws(GraphError) -> Shape {
        guard call.inputs.count == 2, call.inputs.allSatisfy({ $0.rank >= 2 }) else {
            throw GraphError(.unsupported, "is no product of two tensors")
        }
        let (a, b) = (call.inputs[0], call.inputs[1])
        guard let inner = a.dimensions.last,
            inner == nil || b[b.rank - 2] == nil
                || inner == b[b.rank - 2]
        else {
            throw GraphError(
                .shape, "cannot multiply \(a.dimensionsText) with \(b.dimensionsText)")
        }
        let outer = try Broadcasting(
            .trailing, [Shape(a.dimensions.dropLast(2)), Shape(b.dimensions.dropLast(2))]
        ).output()
        return Shape(outer.dimensions + [a[a.rank - 2], b[b.rank - 1]])
    }

    private func einsum(_ call: LayerCall) throws(GraphError) -> Shape {
        let text = settings.value(["subscripts"], position: 0, in: call)?.string ?? ""
        let sides = text.filter { $0 != " " }.split(
            separator: ">", omittingEmptySubsequences: false)
        let fault = GraphError(.unsupported, "the equation '\(text.prefix(80))' is not understood")
        guard sides.count == 2, sides[0].hasSuffix("-"), !text.contains(".") else { throw fault }
        let operands = sides[0].dropLast().split(separator: ",", omittingEmptySubsequences: false)
        guard operands.count == call.inputs.count else { throw fault }
        var sizes: [Character: Int] = [:]
        var known: Set<Character> = []
        for (letters, shape) in zip(operands, call.inputs) {
            guard letters.count == shape.rank else { throw fault }
            for (letter, size) in zip(letters, shape.dimensions) {
                known.insert(letter)
                sizes[letter] = sizes[letter] ?? size
            }
        }
        guard sides[1].allSatisfy(known.contains) else { throw fault }
        return Shape(sides[1].map { sizes[$0] })
    }

    package func work(of call: LayerCall, outputs: [Shape]) -> LayerWork? {
        guard !isEinsum, let depth = call.inputs.first?.dimensions.last.flatMap({ $0 }),
            let count = outputs.first?.sampleElementCount
        else { return nil }
        return LayerWork(
            kind: .attention, positions: count, inputChannels: depth, outputChannels: 1,
            multiplyAdds: count.saturatingTimes(depth))
    }

    package func bind(_ channels: inout ChannelBinder) {
        for input in channels.inputs.indices { channels.protect(input: input, .mixedChannels) }
    }
}
