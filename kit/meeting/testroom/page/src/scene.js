// The practice camera: a drawn person in a room, moving, with the time code along the top.
import {wallMs, write} from './timecode.js';

export const WIDTH = 640;
export const HEIGHT = 360;
export const FPS = 25;
const FLASH_MS = 120;

const room = () => {
    const canvas = Object.assign(document.createElement('canvas'), {width: WIDTH, height: HEIGHT});
    const g = canvas.getContext('2d');
    const wall = g.createLinearGradient(0, 0, WIDTH, HEIGHT);
    wall.addColorStop(0, '#dfe8ec');
    wall.addColorStop(1, '#b9cbd4');
    g.fillStyle = wall;
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.fillStyle = '#f6f9fb'; // window
    g.fillRect(52, 62, 130, 150);
    const sky = g.createLinearGradient(0, 70, 0, 205);
    sky.addColorStop(0, '#9cc7e6');
    sky.addColorStop(1, '#e4f1f8');
    g.fillStyle = sky;
    g.fillRect(60, 70, 114, 134);
    g.fillStyle = '#f6f9fb';
    g.fillRect(114, 70, 6, 134);
    g.fillRect(60, 134, 114, 6);
    g.fillStyle = '#8a6a4b'; // shelf
    g.fillRect(480, 128, 124, 8);
    ['#0a4a6b', '#c9a34e', '#5b8c7b', '#7a4b5b', '#3b7390'].forEach((colour, index) => {
        g.fillStyle = colour;
        g.fillRect(490 + index * 17, 84 + (index % 3) * 6, 13, 44 - (index % 3) * 6);
    });
    g.fillStyle = '#b5654a'; // pot
    g.fillRect(520, 236, 46, 40);
    g.fillStyle = '#4f7d5b';
    for (let leaf = 0; leaf < 7; leaf++) {
        g.beginPath();
        g.ellipse(543 + (leaf - 3) * 13, 205 - Math.abs(leaf - 3) * -7, 9, 38, (leaf - 3) * 0.32, 0, Math.PI * 2);
        g.fill();
    }
    return canvas;
};

const ellipse = (g, colour, x, y, rx, ry, turn = 0) => {
    g.fillStyle = colour;
    g.beginPath();
    g.ellipse(x, y, rx, ry, turn, 0, Math.PI * 2);
    g.fill();
};

const person = (g, seconds, mouth) => {
    const sway = Math.sin(seconds * 0.9) * 7;
    const nod = Math.sin(seconds * 1.7) * 3;
    const x = 330 + sway;
    const y = 165 + nod;
    ellipse(g, '#2f6f73', 330 + sway * 0.4, 372, 150, 122); // shoulders
    g.fillStyle = '#e9f0f2';
    g.beginPath();
    g.moveTo(300 + sway * 0.4, 252);
    g.lineTo(360 + sway * 0.4, 252);
    g.lineTo(330 + sway * 0.4, 312);
    g.fill();
    ellipse(g, '#d9a583', 330 + sway * 0.7, 238, 27, 36); // neck
    ellipse(g, '#4a3326', x, y - 12, 72, 84); // hair
    ellipse(g, '#e6b796', x, y + 8, 56, 70); // face
    g.fillStyle = '#4a3326';
    g.beginPath();
    g.ellipse(x, y - 42, 58, 34, 0, Math.PI, 0);
    g.fill();
    const blink = seconds % 3.7 < 0.14 ? 0.8 : 6;
    for (const side of [-1, 1]) {
        ellipse(g, '#2b211c', x + side * 22, y + 2, 6, blink);
        g.strokeStyle = '#4a3326';
        g.lineWidth = 3.5;
        g.beginPath();
        g.arc(x + side * 22, y + 6, 20, Math.PI * 1.3, Math.PI * 1.7);
        g.stroke();
    }
    g.strokeStyle = '#c98f6d';
    g.lineWidth = 3;
    g.beginPath();
    g.moveTo(x, y + 8);
    g.quadraticCurveTo(x + 7, y + 24, x - 1, y + 25);
    g.stroke();
    if (mouth > 0.08) {
        ellipse(g, '#8e3b39', x, y + 46, 19, 3 + mouth * 11);
        return;
    }
    g.strokeStyle = '#8e3b39';
    g.lineWidth = 4;
    g.beginPath();
    g.arc(x, y + 28, 23, Math.PI * 0.22, Math.PI * 0.78);
    g.stroke();
};

/**
 * A canvas that draws itself until `stop`. `mouth(seconds)` says how open the mouth is, 0 to 1.
 * At each full second of the wall clock a disc in the upper right corner lights up.
 */
export const createScene = mouth => {
    const canvas = Object.assign(document.createElement('canvas'), {width: WIDTH, height: HEIGHT});
    const g = canvas.getContext('2d', {alpha: false});
    const background = room();
    const draw = () => {
        const ms = wallMs();
        const seconds = ms / 1000;
        g.drawImage(background, 0, 0);
        person(g, seconds % 3600, mouth(seconds));
        const lit = ms % 1000 < FLASH_MS;
        ellipse(g, lit ? '#ffd166' : '#8fa5b1', 600, 62, lit ? 17 : 13, lit ? 17 : 13);
        write(g, WIDTH, HEIGHT, ms);
    };
    draw();
    const timer = setInterval(draw, 1000 / FPS);
    return {canvas, stop: () => clearInterval(timer)};
};
