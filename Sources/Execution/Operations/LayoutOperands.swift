extension ConvolutionOperation: LayoutOperand {
    func allowsBlocks(_ shapes: OperationShapes) -> Bool {
        guard window.size.count == 2, shapes.inputs[0].count == 4,
            groups == 1 || isDepthwise,
            shapes.outputs[0][3] % TensorLayout.block == 0,
            shapes.inputs[0][3] % TensorLayout.block == 0 || shapes.inputs[0][3] == 1
        else { return false }
        return fused.allSatisfy { operation in
            switch operation {
            case .function, .sum: true
            case .binary: false
            }
        }
    }

    /// Whether Winograd's way can be gone: 3×3, one step at a time.
    var allowsWinograd: Bool {
        window.size == [3, 3] && window.strides == [1, 1] && window.dilation == [1, 1]
            && groups == 1 && window.before.allSatisfy { $0 <= 1 }
            && window.after.allSatisfy { $0 <= 1 } && kernel.shape[2] % TensorLayout.block == 0
            && kernel.shape[3] % TensorLayout.block == 0
    }

    /// Fitted to measurements of oneDNN 2.6 with AVX-512 on one thread.
    ///
    /// Winograd's way needs 16 multiplications in place of 36, and transforms; its kernels are at least 16/9 as large,
    /// and those that do not fit the caches have to come from memory. Other large windows are slower on blocked
    /// images where there are few positions.
    func gain(_ shapes: OperationShapes) -> Double {
        let output = shapes.outputs[0]
        let positions = output[..<3].reduce(1, *)
        let kernelBytes = Double(kernel.elementCount * 4)
        let direct = 2 * Double(positions) * kernelBytes / 4 / 120_000
        let winograd = winogradGain(direct: direct, positions: positions, kernelBytes: kernelBytes)
        if winograd > 0 { return winograd }
        let isSlow = groups == 1 && window.size.contains { $0 > 1 } && positions < 64
        return isSlow ? -direct * 0.6 : 0
    }

    private func winogradGain(direct: Double, positions: Int, kernelBytes: Double) -> Double {
        guard allowsWinograd else { return 0 }
        let share = positions < 128 ? 0.15 : 0.4
        // 1 MiB of second-level cache; memory at 15 GB/s.
        let further = kernelBytes * 7 / 9
        let traffic = further > 1_048_576 ? further / 15_000 : 0
        return max(direct * share - traffic, 0)
    }
}

extension PoolingOperation: LayoutOperand {
    func allowsBlocks(_ shapes: OperationShapes) -> Bool {
        shapes.areBlocks && fused.isEmpty
    }
}

extension BinaryOperation: LayoutOperand {
    /// Two images of one shape are combined alike in any order of their numbers.
    func allowsBlocks(_ shapes: OperationShapes) -> Bool {
        shapes.areBlocks && fused.isEmpty && shapes.inputs.count == 2
            && shapes.inputs.allSatisfy { $0 == shapes.outputs[0] }
    }
}

extension FunctionOperation: LayoutOperand {
    func allowsBlocks(_ shapes: OperationShapes) -> Bool { shapes.areBlocks }
}
