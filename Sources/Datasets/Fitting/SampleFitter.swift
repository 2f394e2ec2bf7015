/// Brings samples of one shape to the shape and the numbers that a model wants.
struct SampleFitter: Sendable {
    /// An image's sizes, channels last.
    struct ImageShape: Hashable, Sendable {
        var height: Int
        var width: Int
        var channels: Int
        /// Whether it is stored with its channels first.
        var isChannelsFirst: Bool
    }

    /// Why samples do not fit, as the rest of a sentence.
    struct Misfit: Error, Hashable {
        var reason: String
    }

    /// How an image changes; nil where numbers stay in their places.
    private var images: (stored: ImageShape, target: ImageShape)?
    private let method: Preprocessing.ResizeMethod
    private let isReversed: Bool
    private let numbers: NumberTreatment
    /// What is done, in words, in order.
    private(set) var steps: [String] = []

    /// Decides how samples are brought to a shape.
    ///
    /// - Parameters:
    ///   - stored: one sample's shape, without the axis that counts samples.
    ///   - target: the model's, without the batch.
    ///   - preprocessing: what was said, and ``Preprocessing/scale`` also where the default decides.
    ///   - isPicture: whether samples are decoded image files, whose size and channels follow the model.
    init(
        stored: [Int], target: [Int], preprocessing: Preprocessing, isPicture: Bool
    ) throws(Misfit) {
        method = preprocessing.resizeMethod ?? .bilinear
        let order = preprocessing.channelOrder
        let isImage = target.count == 3 && (stored.count == 2 || stored.count == 3)
        guard isImage else {
            try Self.checkPlain(stored, target, preprocessing)
            isReversed = false
            if stored != target { steps.append("as \(shapeText(target))") }
            numbers = try NumberTreatment(
                preprocessing, channels: target.last ?? 1, isChannelsFirst: false,
                sampleSize: target.reduce(1, *))
            steps += numbers.steps
            return
        }
        let want = Self.imageShape(target)
        let have = Self.imageShape(stored, like: want)
        isReversed = order == .bgr && want.channels == 3
        try Self.checkChannels(have, want, order, isPicture)
        if stored.count == 2, want.channels == 1 { steps.append("channel axis added") }
        if have.channels == 1, want.channels == 3 { steps.append("grey to three channels") }
        if have.channels == 3, want.channels == 1 { steps.append("colours to grey") }
        let size = Preprocessing.ImageSize(height: want.height, width: want.width)
        if let resize = preprocessing.resize, resize != size {
            throw Misfit(
                reason: "resize says \(resize.height)x\(resize.width), and the model takes "
                    + "\(shapeText(target))")
        }
        if (have.height, have.width) != (want.height, want.width) {
            guard preprocessing.resize != nil || isPicture else {
                throw Misfit(
                    reason: "the samples are \(shapeText(stored)), and the model takes "
                        + "\(shapeText(target)); give --resize \(size.height)x\(size.width)")
            }
            steps.append("resized to \(size.height)×\(size.width) (\(method.rawValue))")
        }
        if isReversed { steps.append("channels in the order bgr") }
        if have.isChannelsFirst != want.isChannelsFirst, want.channels > 1 {
            steps.append(want.isChannelsFirst ? "channels first" : "channels last")
        }
        numbers = try NumberTreatment(
            preprocessing, channels: want.channels, isChannelsFirst: want.isChannelsFirst,
            sampleSize: target.reduce(1, *))
        steps += numbers.steps
        if have != want || isReversed { images = (have, want) }
    }

    private static func checkPlain(
        _ stored: [Int], _ target: [Int], _ preprocessing: Preprocessing
    ) throws(Misfit) {
        // Axes of length one come and go; one long row is what Flatten would make, or undo.
        let isSame = stored.filter { $0 != 1 } == target.filter { $0 != 1 }
        let isRow =
            (stored.count == 1 || target.count == 1)
            && stored.checkedProduct == target.checkedProduct
        guard isSame || isRow else {
            throw Misfit(
                reason:
                    "the samples are \(shapeText(stored)), and the model takes \(shapeText(target))"
            )
        }
        guard preprocessing.resize == nil, preprocessing.channelOrder == nil else {
            throw Misfit(
                reason: "resize and channel-order are for images, and the model takes "
                    + shapeText(target))
        }
    }

    /// Reads a shape as an image's: channels first where only the first axis can be channels.
    private static func imageShape(_ shape: [Int], like other: ImageShape? = nil) -> ImageShape {
        guard shape.count == 3 else {
            return ImageShape(
                height: shape[0], width: shape[1], channels: 1,
                isChannelsFirst: other?.isChannelsFirst ?? false)
        }
        // One channel or three are likelier than two or four.
        var isFirst = [[1, 3], [1, 2, 3, 4]].contains {
            $0.contains(shape[0]) && !$0.contains(shape[2])
        }
        // Many channels on the last axis and few rows: the model knows which axis is which.
        if let other {
            let sizes = [other.height, other.width]
            if Array(shape[1...]) == sizes, shape[0] == other.channels { isFirst = true }
            if Array(shape[..<2]) == sizes, shape[2] == other.channels { isFirst = false }
            if Array(shape[1...]) == sizes, Array(shape[..<2]) == sizes {
                isFirst = other.isChannelsFirst
            }
        }
        return isFirst
            ? ImageShape(
                height: shape[1], width: shape[2], channels: shape[0], isChannelsFirst: true)
            : ImageShape(
                height: shape[0], width: shape[1], channels: shape[2], isChannelsFirst: false)
    }

    private static func checkChannels(
        _ have: ImageShape, _ want: ImageShape, _ order: Preprocessing.ChannelOrder?,
        _ isPicture: Bool
    ) throws(Misfit) {
        let hint: String
        switch (have.channels, want.channels) {
        case (1, 3):
            if order == .grey {
                throw Misfit(reason: "channel-order says grey, and the model takes 3 channels")
            }
            if isPicture || order != nil { return }
            hint = "; give --channel-order rgb to repeat the grey channel"
        case (3, 1):
            if isPicture || order == .grey { return }
            hint = "; give --channel-order grey to make one channel of three"
        case (let have, let want) where have == want:
            if order == .grey, want == 3 {
                throw Misfit(reason: "channel-order says grey, and the model takes 3 channels")
            }
            if order == .bgr, want != 3 {
                throw Misfit(reason: "channel-order says bgr, and the model takes \(want) channels")
            }
            return
        default: hint = ""
        }
        throw Misfit(
            reason: "the samples have \(have.channels) channels, and the model takes "
                + "\(want.channels)\(hint)")
    }

    /// Fits one sample.
    ///
    /// - Parameters:
    ///   - sample: numbers as stored, in the stored shape's order.
    ///   - output: the fitted numbers are appended to it.
    func fit(_ sample: [Float], into output: inout [Float]) {
        let start = output.count
        if let (stored, target) = images {
            output += arranged(sample, stored, target)
        } else {
            output += sample
        }
        numbers.apply(to: &output, from: start)
    }

    private func arranged(
        _ sample: [Float], _ stored: ImageShape, _ target: ImageShape
    ) -> [Float] {
        var image = Raster(
            height: stored.height, width: stored.width, channels: stored.channels, values: sample)
        if stored.isChannelsFirst { image = image.channelsLast() }
        if stored.channels == 3, target.channels == 1 { image = image.grey() }
        image = image.resized(height: target.height, width: target.width, method)
        if image.channels == 1, target.channels == 3 { image = image.repeated(3) }
        if isReversed { image = image.reversed() }
        return target.isChannelsFirst ? image.channelsFirst() : image.values
    }
}
