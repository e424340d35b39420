package dev.stylizer.core.landmarks

/** Boxes in the same memory, which grows as needed: to be filled again and again. */
class FaceBoxList {
    private val boxes = ArrayList<FaceBox>()

    var size = 0
        private set

    operator fun get(n: Int): FaceBox = boxes[n]

    fun clear() {
        size = 0
    }

    /** One more at the end, of whatever content. */
    fun add(): FaceBox {
        if (size == boxes.size) boxes += FaceBox()
        return boxes[size++]
    }

    /** By insertion, for they are few; what is equal stays in order. */
    internal inline fun sortDescending(key: (FaceBox) -> Double) {
        for (end in 1 until size) {
            val box = boxes[end]
            var place = end
            while (place > 0 && key(boxes[place - 1]).compareTo(key(box)) < 0) {
                boxes[place] = boxes[place - 1]
                place--
            }
            boxes[place] = box
        }
    }
}
