package dev.stylizer.core

// Memory that is used again: what grows by a little in every frame, as a face that comes nearer, must not be made anew
// in every frame.

/** This, or one of whatever content that holds [size] and then some. */
internal fun IntArray.grownTo(size: Int): IntArray =
    if (this.size >= size) this else IntArray(maxOf(size, this.size + this.size / 2))

internal fun FloatArray.grownTo(size: Int): FloatArray =
    if (this.size >= size) this else FloatArray(maxOf(size, this.size + this.size / 2))
