extension Window {
    /// For every place of the output and every tap, the place of the input that is multiplied there.
    ///
    /// Places are numbered row-major over the spatial axes.
    /// - Parameters:
    ///   - input: lengths of the spatial axes of the input.
    ///   - output: those of the output.
    ///   - isTransposed: whether the window spreads input places over the output instead of gathering them.
    /// - Returns: for each output place one after the other, for each tap in the kernel's order, an input place; -1 where
    ///   the tap falls on nothing.
    package func taps(
        input: [Int], output: [Int], isTransposed: Bool = false
    ) -> [Int32] {
        var axes: [[[Int32]]] = []
        for axis in 0..<rank {
            let before = before(axis, input: input[axis], output: output[axis], isTransposed)
            axes.append(
                (0..<output[axis]).map { place in
                    (0..<size[axis]).map { tap in
                        let reach = tap * dilation[axis]
                        var position: Int
                        if isTransposed {
                            let spread = place + before - reach
                            guard spread >= 0, spread % strides[axis] == 0 else { return -1 }
                            position = spread / strides[axis]
                        } else {
                            position = place * strides[axis] + reach - before
                        }
                        if position < 0 || position >= input[axis] { position = -1 }
                        return Int32(position)
                    }
                })
        }
        var places: [[Int32]] = [[0]]
        for axis in 0..<rank {
            let length = Int32(input[axis])
            places = places.flatMap { outer in
                axes[axis].map { inner in
                    outer.flatMap { base in
                        inner.map { base < 0 || $0 < 0 ? -1 : base * length + $0 }
                    }
                }
            }
        }
        return places.flatMap(\.self)
    }

    /// Zeros before the first element of a spatial axis.
    private func before(_ axis: Int, input: Int, output: Int, _ isTransposed: Bool) -> Int {
        switch padding {
        case .valid: return 0
        case .causal: return reach(axis) - 1
        case .same:
            let total =
                isTransposed
                ? (input - 1) * strides[axis] + reach(axis) - output
                : (output - 1) * strides[axis] + reach(axis) - input
            return max(total, 0) / 2
        }
    }
}
