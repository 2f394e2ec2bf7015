/// A tensor that goes into or comes out of a network: float32, row-major, axis 0 the batch.
package struct Tensor: Hashable, Sendable {
    package var shape: [Int]
    /// As many as the shape has elements.
    package var values: [Float]

    /// - Precondition: none; a count that does not fit the shape is an error when the tensor is used.
    package init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// A tensor of equal values.
    package init(shape: [Int], repeating value: Float = 0) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }

    package var elementCount: Int { shape.reduce(1, *) }
}
