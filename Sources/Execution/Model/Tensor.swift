/// A tensor that goes into or comes out of a network: float32, row-major, axis 0 the batch.
public struct Tensor: Hashable, Sendable {
    /// The lengths of its axes, the batch first.
    public var shape: [Int]
    /// As many as the shape has elements.
    public var values: [Float]

    /// - Precondition: none; a count that does not fit the shape is an error when the tensor is used.
    public init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }

    /// A tensor of equal values.
    public init(shape: [Int], repeating value: Float = 0) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }

    /// As many values as the shape asks for.
    public var elementCount: Int { shape.reduce(1, *) }
}
