/// What is done to the numbers of a sample before a model sees them, in this order: channels, resizing, `× scale`,
/// `− mean`, `÷ standard deviation`.
///
/// Nil where nothing is said.
package struct Preprocessing: Hashable, Sendable {
    /// How images are brought to another size.
    package enum ResizeMethod: String, Hashable, Sendable, CaseIterable {
        /// Between the four nearest pixels, their centres at halves, without smoothing:
        /// `keras.ops.image.resize`.
        case bilinear
        case nearest
    }

    /// What channels the model wants, and in which order.
    package enum ChannelOrder: String, Hashable, Sendable, CaseIterable {
        case rgb, bgr, grey
    }

    /// The size of an image in pixels.
    package struct ImageSize: Hashable, Sendable {
        package var height: Int
        package var width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    package var scale: Double?
    /// One number, or one for each channel in the model's order, in units after scaling.
    package var mean: [Double]?
    /// Likewise; no number is 0.
    package var standardDeviation: [Double]?
    package var resize: ImageSize?
    package var resizeMethod: ResizeMethod?
    package var channelOrder: ChannelOrder?

    package init() {}

    /// What is said here, and where nothing is, what `other` says.
    package func over(_ other: Preprocessing) -> Preprocessing {
        var merged = self
        merged.scale = scale ?? other.scale
        merged.mean = mean ?? other.mean
        merged.standardDeviation = standardDeviation ?? other.standardDeviation
        merged.resize = resize ?? other.resize
        merged.resizeMethod = resizeMethod ?? other.resizeMethod
        merged.channelOrder = channelOrder ?? other.channelOrder
        return merged
    }

    /// Whether something is said about the numbers themselves.
    var treatsNumbers: Bool { scale != nil || mean != nil || standardDeviation != nil }
}

extension Preprocessing {
    /// The words for each part, in descriptions and, with `--` in front, as options.
    package enum Key: String, Hashable, Sendable, CaseIterable {
        case scale, mean, resize
        case standardDeviation = "standard-deviation"
        case resizeMethod = "resize-method"
        case channelOrder = "channel-order"
    }

    /// Takes a part as it is written.
    ///
    /// - Parameter words: one text, or several for a list.
    /// - Returns: what the words must be, to end the sentence "… must be"; nil if they are good.
    package mutating func set(_ key: Key, _ words: [String]) -> String? {
        switch key {
        case .scale:
            guard words.count == 1, let number = Self.number(words[0]), number != 0 else {
                return "a number other than 0, or a fraction such as 1/255"
            }
            scale = number
        case .mean:
            guard let numbers = Self.numbers(words) else { return Self.listRule }
            mean = numbers
        case .standardDeviation:
            guard let numbers = Self.numbers(words), numbers.allSatisfy({ $0 > 0 }) else {
                return Self.listRule + ", above 0"
            }
            standardDeviation = numbers
        case .resize:
            guard words.count == 1, let size = Self.size(words[0]) else {
                return "height x width in pixels, such as 224x224"
            }
            resize = size
        case .resizeMethod:
            guard words.count == 1, let method = ResizeMethod(rawValue: words[0]) else {
                return Self.choices(ResizeMethod.self)
            }
            resizeMethod = method
        case .channelOrder:
            guard words.count == 1, let order = ChannelOrder(rawValue: words[0]) else {
                return Self.choices(ChannelOrder.self)
            }
            channelOrder = order
        }
        return nil
    }

    private static let listRule = "a number, or one for each channel"

    private static func choices<Choice: CaseIterable & RawRepresentable>(_: Choice.Type) -> String
    where Choice.RawValue == String {
        "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// A finite number, or a fraction of two.
    private static func number(_ text: String) -> Double? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
            Double($0.trimming(" "))
        }
        guard (1...2).contains(parts.count), let first = parts[0] else { return nil }
        var number = first
        if parts.count == 2 {
            guard let divisor = parts[1] else { return nil }
            number /= divisor
        }
        return number.isFinite && abs(number) < 1e30 ? number : nil
    }

    private static func numbers(_ words: [String]) -> [Double]? {
        let numbers = words.compactMap(number)
        return numbers.count == words.count && !numbers.isEmpty ? numbers : nil
    }

    private static func size(_ text: String) -> ImageSize? {
        let sizes = text.split(
            omittingEmptySubsequences: false, whereSeparator: { "x×".contains($0) }
        ).map { Int($0.trimming(" ")) }
        guard sizes.count == 2, let height = sizes[0], let width = sizes[1],
            (1...65_536).contains(height), (1...65_536).contains(width)
        else { return nil }
        return ImageSize(height: height, width: width)
    }
}

extension Substring {
    /// The text without that sign at its ends.
    fileprivate func trimming(_ sign: Character) -> Substring {
        var text = self.drop { $0 == sign }
        while text.last == sign { text.removeLast() }
        return text
    }
}
