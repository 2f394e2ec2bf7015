/// How a window slides over spatial axes, with the border already worked out.
struct SlidingWindow: Hashable, Sendable {
    var size: [Int]
    var strides: [Int]
    /// 1 means dense.
    var dilation: [Int]
    var before: [Int]
    var after: [Int]

    init(
        size: [Int], strides: [Int], dilation: [Int], before: [Int], after: [Int]
    ) {
        self.size = size
        self.strides = strides
        self.dilation = dilation
        self.before = before
        self.after = after
    }

    /// A window of one element.
    init(pointwise rank: Int) {
        let (ones, zeros) = (Array(repeating: 1, count: rank), Array(repeating: 0, count: rank))
        self.init(size: ones, strides: ones, dilation: ones, before: zeros, after: zeros)
    }

    /// Elements that the window spans along a spatial axis.
    func reach(_ axis: Int) -> Int { (size[axis] - 1) * dilation[axis] + 1 }

    /// Positions that the window takes over `lengths`.
    func output(of lengths: [Int]) throws(ExecutionError) -> [Int] {
        var output: [Int] = []
        for axis in lengths.indices {
            let room = lengths[axis] + before[axis] + after[axis] - reach(axis)
            guard room >= 0 else {
                throw ExecutionError(
                    .shape, "a window of \(reach(axis)) does not fit a length of \(lengths[axis])")
            }
            output.append(room / strides[axis] + 1)
        }
        return output
    }
}
