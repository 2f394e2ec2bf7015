import ModelGraph
import OrderedJSON

extension TopologyParser {
    /// By which number each nested model's first call is referred to.
    ///
    /// Keras 2 counts the model's own construction as its call 0 (unless it is a Sequential without
    /// an input layer), Keras 3 counts from 0 in `inbound_nodes` and from 1 in `output_layers`.
    func callBases(
        layers: [ParsedLayer], indices: [String: Int], isKeras3: Bool
    ) -> [Int] {
        var lowest = layers.map { _ in Int.max }
        var highest = layers.map { _ in -1 }
        for reference in layers.lazy.flatMap(\.calls).flatMap(\.references) {
            guard let index = indices[reference.layer] else { continue }
            lowest[index] = min(lowest[index], reference.call)
            highest[index] = max(highest[index], reference.call)
        }
        return layers.indices.map { index in
            guard let nested = layers[index].nested, lowest[index] > 0 else { return 0 }
            if highest[index] >= layers[index].calls.count { return highest[index] < 0 ? 0 : 1 }
            let startsWithInput = nested.layers.first.map { $0.isInput && !$0.isImplied } ?? false
            return isKeras3 || !startsWithInput || highest[index] < 0 ? 0 : 1
        }
    }

    /// An output of the model with its call counted from 0, as references of calls are, once their base
    /// is taken off.
    static func normalised(
        _ reference: ParsedReference, layers: [ParsedLayer], indices: [String: Int], bases: [Int],
        countsFromOne: Bool
    ) -> ParsedReference {
        guard let index = indices[reference.layer], let nested = layers[index].nested else {
            return reference
        }
        var reference = reference
        let calls = layers[index].calls.count
        if reference.call >= calls {
            reference.call -= 1
        } else if reference.call > 0,
            bases[index] == 1 || (countsFromOne && !nested.isSequential)
        {
            reference.call -= 1
        }
        return reference
    }

    /// Orders the calls so that each reads only from those before it, near the document's order.
    ///
    /// - Complexity: linear in the number of references.
    func schedule(
        layers: [ParsedLayer], indices: [String: Int], bases: [Int], path: [String]
    ) throws(KerasError) -> [ParsedCall] {
        enum State { case waiting, open, done }
        var states = layers.map { [State](repeating: .waiting, count: max($0.calls.count, 1)) }
        var order: [ParsedCall] = []
        // Calls whose inputs are being looked at, with the number of inputs already seen.
        var stack: [(call: ParsedCall, references: [ParsedReference], next: Int)] = []

        func references(of call: ParsedCall) -> [ParsedReference] {
            let calls = layers[call.layer].calls
            return calls.indices.contains(call.call) ? calls[call.call].references : []
        }
        for layer in layers.indices {
            for call in states[layer].indices where states[layer][call] == .waiting {
                let start = ParsedCall(layer: layer, call: call)
                states[layer][call] = .open
                stack.append((start, references(of: start), 0))
                while let top = stack.last {
                    guard top.next < top.references.count else {
                        states[top.call.layer][top.call.call] = .done
                        order.append(top.call)
                        stack.removeLast()
                        continue
                    }
                    stack[stack.count - 1].next += 1
                    let reference = top.references[top.next]
                    let reader = path + [layers[top.call.layer].name]
                    guard let index = indices[reference.layer] else {
                        throw failure("reads from a missing layer", at: reader)
                    }
                    let number = reference.call - bases[index]
                    guard states[index].indices.contains(number) else {
                        throw failure(
                            "reads call \(reference.call) of layer '\(reference.layer)', which has "
                                + "\(layers[index].calls.count)", at: reader)
                    }
                    switch states[index][number] {
                    case .done: break
                    case .open:
                        throw failure("its input depends on its own output", at: reader)
                    case .waiting:
                        states[index][number] = .open
                        let next = ParsedCall(layer: index, call: number)
                        stack.append((next, references(of: next), 0))
                    }
                }
            }
        }
        return order
    }
}
