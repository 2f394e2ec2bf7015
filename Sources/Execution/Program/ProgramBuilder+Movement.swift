// MARK: Moving elements around

extension ProgramBuilder {
    /// Exchanges axes: output axis `i` is input axis `order[i]`.
    mutating func transpose(_ input: Value, _ order: [Int]) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        guard order.sorted() == Array(shape.indices) else {
            throw ExecutionError(.shape, "\(order) is no order of the axes of \(shape)")
        }
        let output = order.map { shape[$0] }
        // Axes of length 1 may go anywhere without moving anything.
        let moving = order.filter { shape[$0] != 1 }
        if moving == moving.sorted() { return try reshape(input, output) }
        let strides = MemoryDescription.rowMajorStrides(shape)
        return try append(
            AssemblyOperation(boxes: [
                CopiedBox(
                    input: 0, dimensions: output, sourceStrides: order.map { strides[$0] },
                    targetStrides: MemoryDescription.rowMajorStrides(output))
            ]), [input], output)
    }

    mutating func concatenate(_ inputs: [Value], axis: Int) throws(ExecutionError) -> Value {
        guard let first = inputs.first else {
            throw ExecutionError(.shape, "nothing to concatenate")
        }
        if inputs.count == 1 { return first }
        var output = shape(first)
        output[axis] = 0
        for input in inputs {
            var expected = output
            let shape = self.shape(input)
            guard shape.count == output.count else {
                throw ExecutionError(.shape, "\(shape) and \(output) cannot be concatenated")
            }
            expected[axis] = shape[axis]
            guard shape == expected else {
                throw ExecutionError(.shape, "\(shape) and \(expected) cannot be concatenated")
            }
            output[axis] += shape[axis]
        }
        let strides = MemoryDescription.rowMajorStrides(output)
        var boxes: [CopiedBox] = []
        var offset = 0
        for (index, input) in inputs.enumerated() {
            let shape = self.shape(input)
            boxes.append(
                CopiedBox(
                    input: index, dimensions: shape,
                    sourceStrides: MemoryDescription.rowMajorStrides(shape),
                    targetStrides: strides, targetOffset: offset * strides[axis]))
            offset += shape[axis]
        }
        return try append(AssemblyOperation(boxes: boxes), inputs, output)
    }

    /// Puts `before` and `after` elements of `filling` around each axis; negative counts cut off.
    mutating func pad(
        _ input: Value, before: [Int], after: [Int], filling: Float = 0
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let output = shape.indices.map { shape[$0] + before[$0] + after[$0] }
        guard output.allSatisfy({ $0 > 0 }) else {
            throw ExecutionError(.shape, "nothing is left of \(shape)")
        }
        if output == shape, before.allSatisfy({ $0 == 0 }) { return input }
        let source = MemoryDescription.rowMajorStrides(shape)
        let target = MemoryDescription.rowMajorStrides(output)
        var box = CopiedBox(
            input: 0, dimensions: shape, sourceStrides: source, targetStrides: target)
        for axis in shape.indices {
            box.dimensions[axis] += min(before[axis], 0) + min(after[axis], 0)
            box.sourceOffset += max(-before[axis], 0) * source[axis]
            box.targetOffset += max(before[axis], 0) * target[axis]
        }
        let isWhole = zip(before, after).allSatisfy { $0 <= 0 && $1 <= 0 }
        var operation = AssemblyOperation(boxes: [box], filling: isWhole ? nil : filling)
        if filling == 0, zip(before, after).allSatisfy({ $0 >= 0 && $1 >= 0 }) {
            operation.zeroMargins = (before, after)
        }
        return try append(operation, [input], output)
    }

    /// Elements `range` of one axis.
    mutating func slice(
        _ input: Value, axis: Int, _ range: Range<Int>
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
            throw ExecutionError(.shape, "\(range) is not within \(shape)")
        }
        var before = Array(repeating: 0, count: shape.count)
        var after = before
        before[axis] = -range.lowerBound
        after[axis] = range.upperBound - shape[axis]
        return try pad(input, before: before, after: after)
    }

    /// Elements of one axis, `step` apart.
    mutating func slice(
        _ input: Value, axis: Int, from start: Int, count: Int, step: Int
    ) throws(ExecutionError) -> Value {
        if step == 1 { return try slice(input, axis: axis, start..<start + count) }
        let shape = self.shape(input)
        guard start >= 0, count > 0, start + (count - 1) * step < shape[axis] else {
            throw ExecutionError(.shape, "no such slice of \(shape)")
        }
        var output = shape
        output[axis] = count
        var source = MemoryDescription.rowMajorStrides(shape)
        let offset = start * source[axis]
        source[axis] *= step
        return try append(
            AssemblyOperation(boxes: [
                CopiedBox(
                    input: 0, dimensions: output, sourceStrides: source, sourceOffset: offset,
                    targetStrides: MemoryDescription.rowMajorStrides(output))
            ]), [input], output)
    }

    /// Repeats each element along the axes: `abc` becomes `aabbcc`.
    mutating func repeatElements(
        _ input: Value, counts: [Int]
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let output = zip(shape, counts).map { $0 * $1 }
        if output == shape { return input }
        let source = MemoryDescription.rowMajorStrides(shape)
        let target = MemoryDescription.rowMajorStrides(output)
        var boxes = [
            CopiedBox(
                input: 0, dimensions: shape, sourceStrides: source,
                targetStrides: zip(target, counts).map { $0 * $1 })
        ]
        for axis in shape.indices where counts[axis] > 1 {
            boxes = boxes.flatMap { box in
                (0..<counts[axis]).map { step in
                    var box = box
                    box.targetOffset += step * target[axis]
                    return box
                }
            }
        }
        return try append(AssemblyOperation(boxes: boxes), [input], output)
    }

    /// The whole axis backwards.
    mutating func reverse(_ input: Value, axis: Int) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let length = shape[axis]
        let after = shape[(axis + 1)...].reduce(1, *)
        let before = shape[..<axis].reduce(1, *)
        return try append(
            SwiftOperation(label: "reverse") { _, addresses throws(ExecutionError) in
                let source = try addresses.input(0, count: before * length * after)
                let target = try addresses.output(0, count: before * length * after)
                for outer in 0..<before {
                    for index in 0..<length {
                        let from = (outer * length + index) * after
                        let to = (outer * length + length - 1 - index) * after
                        target[to..<to + after].update(source[from..<from + after])
                    }
                }
            }, [input], shape)
    }
}

extension Slice where Base == UnsafeMutableBufferPointer<Float> {
    fileprivate func update(_ source: Slice<UnsafeBufferPointer<Float>>) {
        _ = UnsafeMutableBufferPointer(rebasing: self).update(
            fromContentsOf: UnsafeBufferPointer(rebasing: source))
    }
}

// MARK: Over axes

extension ProgramBuilder {
    enum Reduction: Sendable { case mean, sum, maximum }

    /// Takes axes together; they stay with length 1.
    mutating func reduce(
        _ input: Value, _ reduction: Reduction, axes: [Int]
    ) throws(ExecutionError) -> Value {
        let shape = self.shape(input)
        let kept = shape.indices.filter { !axes.contains($0) }
        var output = shape
        for axis in axes { output[axis] = 1 }
        let count = axes.reduce(1) { $0 * shape[$1] }
        guard count > 0 else { throw ExecutionError(.shape, "nothing to reduce in \(shape)") }
        // Kept axes before the first reduced one are the batch, those after it the channels.
        let first = axes.min() ?? 0
        let batch = kept.filter { $0 < first }
        let channels = kept.filter { $0 > first }
        let ordered = try transpose(input, batch + axes.sorted() + channels)
        let rows = batch.reduce(1) { $0 * shape[$1] }
        let width = channels.reduce(1) { $0 * shape[$1] }
        var result: Value
        if width == 1, reduction != .maximum {
            // One number for each row: a product with a vector of equal weights.
            let weight = reduction == .mean ? 1 / Float(count) : 1
            result = try product(
                try reshape(ordered, [rows, count]),
                kernel: Constant(Array(repeating: weight, count: count), shape: [count, 1]))
        } else {
            let window = SlidingWindow(
                size: [count], strides: [1], dilation: [1], before: [0], after: [0])
            result = try pooling(
                try reshape(ordered, [rows, count, width]),
                reduction == .maximum ? .maximum : .mean, window)
            if reduction == .sum {
                result = try function(.linear(scale: Float(count)), result)
            }
        }
        return try reshape(result, output)
    }
}
