package import ModelGraph

/// A weight whose elements may become zero one by one.
///
/// Those are the kernels of convolutions, dense, recurrent and attention layers, in floating point. Biases and normalisations
/// are few and matter much; embeddings are tables of which a sample reads a few rows; both stay dense.
package struct Kernel: Hashable, Sendable {
    /// Index into ``ModelGraph/layers``.
    package var layer: Int
    package var role: String
    /// The layer's path and the role: `backbone/conv1/kernel`.
    package var name: String
    package var shape: [Int]
    /// The axis along which products are summed, and so the one of N:M patterns; nil for depthwise kernels, which sum over no channels.
    package var inputAxis: Int?

    package var elementCount: Int { shape.reduce(1, *) }

    /// Whether a role is that of a kernel: `kernel`, `depthwise_kernel`, `query/kernel`.
    static func isKernel(_ role: String) -> Bool {
        let last = role.split(separator: "/").last ?? ""
        return last == "kernel" || last.hasSuffix("_kernel")
    }

    fileprivate static func inputAxis(_ role: String, className: String, rank: Int) -> Int? {
        guard rank >= 2, !role.hasSuffix("depthwise_kernel"), !className.contains("Depthwise")
        else { return nil }
        // Transposed kernels are `window × outputs × inputs`.
        if className.contains("Transpose") { return rank - 1 }
        // Attention's are `inputs × heads × width`, but the one behind the heads.
        if className.hasSuffix("Attention"), rank == 3 {
            return role.contains("output") ? 1 : 0
        }
        return rank - 2
    }
}

extension ModelGraph {
    /// The kernels in which weights may become zero, in the order of layers and weights; a shared layer's once.
    ///
    /// - Parameter protected: layers that stay as they are.
    package func kernels(protecting protected: [LayerPattern] = []) -> [Kernel] {
        layers.enumerated().flatMap { index, layer -> [Kernel] in
            guard !(layer.definition is OpaqueLayer),
                !protected.contains(where: { $0.matches(path: layer.path) })
            else { return [] }
            return layer.weights.compactMap { weight in
                guard Kernel.isKernel(weight.role), weight.elementType.isFloatingPoint,
                    weight.elementCount > 0
                else { return nil }
                return Kernel(
                    layer: index, role: weight.role, name: "\(layer.name)/\(weight.role)",
                    shape: weight.shape,
                    inputAxis: Kernel.inputAxis(
                        weight.role, className: layer.className, rank: weight.shape.count))
            }
        }
    }
}
