package dev.stylizer.demo

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class CameraPlanTest {
    private fun sizes(vararg names: String) =
        names.map { name -> name.split("x").let { PixelSize(it[0].toInt(), it[1].toInt()) } }

    @Test
    fun framesAreAsSmallAsTheDrawingAllows() {
        val many = sizes("1920x1080", "640x480", "800x600", "1280x720")
        assertEquals(PixelSize(800, 600), CameraPlan.frameSize(many, 512))
        assertEquals(PixelSize(640, 480), CameraPlan.frameSize(sizes("320x240", "640x480", "176x144"), 512))
        assertNull(CameraPlan.frameSize(emptyList(), 512))
    }

    @Test
    fun photosAreOfTwelveMegapixelsAtMost() {
        assertEquals(PixelSize(4032, 3024), CameraPlan.photoSize(sizes("8000x6000", "4032x3024", "1920x1080")))
        assertEquals(PixelSize(8000, 6000), CameraPlan.photoSize(sizes("9000x6000", "8000x6000")))
    }

    @Test
    fun thirtyFramesASecondAndFewerInTheDark() {
        assertEquals(2, CameraPlan.speed(listOf(15..15, 30..30, 15..30, 7..30, 30..60)))
        assertEquals(0, CameraPlan.speed(listOf(15..24)))
        assertNull(CameraPlan.speed(emptyList()))
    }

    @Test
    fun framesAreUprightHoweverThePhoneIsHeld() {
        // the usual phone: sensors at 90 (back) and 270 (front) degrees
        assertEquals(listOf(90, 0, 270, 180), (0..270 step 90).map { CameraPlan.rotation(90, it, Facing.BACK) })
        assertEquals(listOf(270, 0, 90, 180), (0..270 step 90).map { CameraPlan.rotation(270, it, Facing.FRONT) })
    }
}
