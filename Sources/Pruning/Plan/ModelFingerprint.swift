package import ModelGraph

/// Tells whether a plan belongs to a model: by its layers, weights, shapes and connections, not by its values.
///
/// Two training runs of one network have the same fingerprint, so that a plan can be replayed.
package struct ModelFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// `fnv1a-` and 16 hexadecimal digits.
    package let description: String

    init(description: String) { self.description = description }

    /// Digests a model with 64-bit FNV-1a.
    ///
    /// Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
    package init(of graph: ModelGraph) {
        var hash = StableHash()
        for layer in graph.layers {
            hash.add(layer.name)
            hash.add(layer.className)
            hash.add(layer.weights.count)
            for weight in layer.weights {
                hash.add(weight.role)
                hash.add(weight.elementType.rawValue)
                hash.add(weight.shape.count)
                for size in weight.shape { hash.add(size) }
            }
        }
        for node in graph.nodes {
            hash.add(node.layer)
            let inputs = node.inputs
            hash.add(inputs.count)
            for input in inputs {
                hash.add(input.node)
                hash.add(input.output)
            }
        }
        for reference in graph.inputs + graph.outputs {
            hash.add(reference.node)
            hash.add(reference.output)
        }
        let digits = String(hash.value, radix: 16)
        description = "fnv1a-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// 64-bit FNV-1a: the same on every machine and in every run, unlike `Hasher`.
struct StableHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    mutating func add(_ number: Int) {
        for shift in stride(from: 0, to: 64, by: 8) {
            add(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func add(_ text: String) {
        add(text.utf8.count)
        for byte in text.utf8 { add(byte) }
    }
}
